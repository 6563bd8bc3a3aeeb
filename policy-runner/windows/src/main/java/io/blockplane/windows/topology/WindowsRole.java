package io.blockplane.windows.topology;

import java.time.Duration;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the windows of every block, as one member of the group that does. The topics must be
 * there. Kafka may be away for minutes; what does not pass, stops the role for good: {@link
 * #failure} then says why, and whoever runs it decides what next. Nothing is lost by that: the next
 * start goes on where the last transaction ended.
 */
public final class WindowsRole implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WindowsRole.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final WindowsConfig config;
    private final KafkaStreams streams;
    private volatile @Nullable Throwable failure;

    public WindowsRole(WindowsConfig config) {
        this.config = config;
        this.streams =
                new KafkaStreams(
                        WindowsTopology.build(),
                        config.properties(),
                        new MemberClients(config.memberId()));
        streams.setUncaughtExceptionHandler(this::stop);
    }

    /** Returns at once; {@link #isRunning} says when partitions are worked on. Called once. */
    public void start() {
        LOG.atInfo().addKeyValue("memberId", config.memberId()).log("windows start");
        streams.start();
    }

    /** Whether the member has its partitions and works on them. */
    public boolean isRunning() {
        return failure == null && streams.state() == KafkaStreams.State.RUNNING;
    }

    /** Why the role stopped by itself; null while it works and after a close. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /**
     * Ends the open transaction and stops. Does not leave the group: its partitions wait for this
     * member until the session times out (45 s), then others take them.
     */
    @Override
    public void close() {
        if (!streams.close(CLOSE_LIMIT)) {
            LOG.atWarn()
                    .addKeyValue("memberId", config.memberId())
                    .addKeyValue("limit", CLOSE_LIMIT)
                    .log("windows did not stop in time");
        }
    }

    private StreamThreadExceptionResponse stop(Throwable cause) {
        failure = cause;
        LOG.atError()
                .addKeyValue("memberId", config.memberId())
                .setCause(cause)
                .log("windows stopped");
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
}
