package io.blockplane.policy;

import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What GraalVM itself logs, into the log of everything else. */
final class EngineLog extends Handler {

    private static final Logger LOG = LoggerFactory.getLogger(EngineLog.class);

    @Override
    public void publish(LogRecord record) {
        LOG.atInfo()
                .addKeyValue("logger", record.getLoggerName())
                .addKeyValue("level", record.getLevel().getName())
                .addKeyValue("message", record.getMessage())
                .log("graalvm");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
