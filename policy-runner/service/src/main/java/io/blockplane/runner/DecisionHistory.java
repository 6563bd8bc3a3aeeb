package io.blockplane.runner;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The decisions that stand in the log when a runner starts: what each policy's state is rebuilt
 * from, and which calls have been answered.
 */
final class DecisionHistory {

    /**
     * Snapshots that are kept with what follows on them; older decisions are not needed but for the
     * INIT. More than one: the newest may turn out to be unusable.
     */
    private static final int SNAPSHOTS = 2;

    private final Map<LineKey, List<PolicyDecided>> sinceInit = new HashMap<>();
    private final Map<LineKey, String> lastHash = new HashMap<>();
    private final Map<LineKey, Integer> cutShort = new HashMap<>();
    private final Set<String> answered = new HashSet<>();

    /**
     * A line's decisions since and including the last INIT, in order; those before the last
     * snapshots may be missing.
     *
     * @param lastHash of the last one's bytes; empty when there is none
     * @param cutShort how many evaluations at the end had to be cut short one after another, by
     *     whatever object
     */
    record OfLine(List<PolicyDecided> decisions, String lastHash, int cutShort) {
        static final OfLine NONE = new OfLine(List.of(), "", 0);

        OfLine {
            decisions = List.copyOf(decisions);
        }
    }

    private DecisionHistory() {}

    /** Reads them all; to be called after older writers are fenced. */
    static DecisionHistory read(Kafka kafka, RecentInputs recent) {
        DecisionHistory history = new DecisionHistory();
        LogScan.events(
                kafka,
                Topic.DECISIONS,
                record -> {
                    history.apply(record);
                    if (record.event() instanceof PolicyDecided decided) {
                        recent.add(decided);
                    }
                });
        return history;
    }

    OfLine ofLine(LineKey line) {
        return new OfLine(
                sinceInit.getOrDefault(line, List.of()),
                lastHash.getOrDefault(line, ""),
                cutShort.getOrDefault(line, 0));
    }

    /** Whether a decision answers this command. */
    boolean answered(String commandId) {
        return answered.contains(commandId);
    }

    private void apply(LogRecord<Event> record) {
        if (!(record.event() instanceof PolicyDecided decided) || decided.kind() == Kind.ROUTE) {
            return;
        }
        LineKey line = LineKey.of(decided);
        List<PolicyDecided> records = sinceInit.computeIfAbsent(line, _ -> new ArrayList<>());
        if (decided.call() == Call.INIT) {
            records.clear();
        }
        records.add(decided);
        if (usable(decided)) {
            forgetBefore(records);
        }
        if (!decided.outcome().reproducible()) {
            cutShort.merge(line, 1, Integer::sum);
        } else if (decided.call() != Call.INIT) {
            cutShort.remove(line);
        }
        lastHash.put(line, DecisionChain.sha256(record.value()));
        String cause = record.envelope().causationId();
        if (cause != null && (decided.call() == Call.MANAGE || decided.kind() == Kind.FAILURE)) {
            answered.add(cause);
        }
    }

    private static boolean usable(PolicyDecided decided) {
        return decided.call() == Call.SNAPSHOT && decided.outcome() == Outcome.RETURNED;
    }

    private static void forgetBefore(List<PolicyDecided> records) {
        int seen = 0;
        for (int i = records.size() - 1; i > 0; i--) {
            if (usable(records.get(i)) && ++seen == SNAPSHOTS) {
                records.subList(1, i).clear();
                return;
            }
        }
    }
}
