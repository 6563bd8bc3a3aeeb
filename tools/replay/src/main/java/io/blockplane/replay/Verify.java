package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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
        Set<String> names = new TreeSet<>(log.chains().keySet());
        names.addAll(log.lanes().keySet());
        for (String name : names) {
            List<LogRecord<Event>> chain = log.chains().getOrDefault(name, List.of());
            findings.addAll(ChainCheck.of(chain));
            List<LaneCall> calls = log.lanes().getOrDefault(name, List.of());
            if (!calls.isEmpty() || isBalancer(chain)) {
                try (RoutingExecution execution = new RoutingExecution(engine, log)) {
                    execution.execute(chain, calls);
                    identical += execution.identical();
                    cutShort += execution.cutShort();
                    findings.addAll(execution.findings());
                }
                done += chain.size() + calls.size();
                progress.at(done, total);
                continue;
            }
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
        findings.addAll(log.routings().findings());
        return new VerifyReport(
                total, identical, cutShort, names.size(), log.routings().identical(), findings);
    }

    private static boolean isBalancer(List<LogRecord<Event>> chain) {
        return chain.getFirst().event() instanceof PolicyDecided decided
                && decided.kind() == PolicyDecided.Kind.ROUTE
                && decided.lane() != null
                && !decided.lane().equals(PolicyDecided.SHADOW);
    }
}
