package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Level 0 of replay: every recorded decision is executed again, by the same code on the recorded
 * inputs, in an engine that has seen nothing else, and must come out the same to the byte; and the
 * chain of records must be whole.
 */
public final class Verify {

    private Verify() {}

    /** Hears how far it is; called after each decision. */
    @FunctionalInterface
    public interface Progress {
        void at(long done, long total);
    }

    /** Reads the log to its present end and checks all of it; goes on after a finding. */
    public static VerifyReport run(LogSource source, Progress progress) throws IOException {
        try (PolicyEngine engine = PolicyEngine.create()) {
            return run(source, engine, progress);
        }
    }

    /** As {@link #run(LogSource, Progress)}, in an engine that the caller has and keeps. */
    static VerifyReport run(LogSource source, PolicyEngine engine, Progress progress)
            throws IOException {
        DecisionLog log = DecisionLog.read(source);
        List<Finding> findings = new ArrayList<>(log.unreadable());
        long identical = 0;
        long cutShort = 0;
        long done = 0;
        long total = log.decisions();
        for (List<LogRecord<Event>> chain : log.chains().values()) {
            findings.addAll(ChainCheck.of(chain));
            try (ChainExecution execution = new ChainExecution(engine, log)) {
                for (LogRecord<Event> record : chain) {
                    execution.execute(record);
                    progress.at(++done, total);
                }
                identical += execution.identical();
                cutShort += execution.cutShort();
                findings.addAll(execution.findings());
            }
        }
        return new VerifyReport(total, identical, cutShort, log.chains().size(), findings);
    }
}
