package io.blockplane.runner;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The decisions that stand in the log when a runner starts: what each policy's state is rebuilt
 * from.
 */
final class DecisionHistory {

    private final Map<String, List<PolicyDecided>> sinceInit = new HashMap<>();
    private final Map<String, String> lastHash = new HashMap<>();

    /**
     * A block's scaling decisions since and including the last INIT, in order.
     *
     * @param lastHash of the last one's bytes; empty when there is none
     */
    record OfBlock(List<PolicyDecided> decisions, String lastHash) {
        static final OfBlock NONE = new OfBlock(List.of(), "");

        OfBlock {
            decisions = List.copyOf(decisions);
        }
    }

    private DecisionHistory() {}

    /** Reads them all; to be called after older writers are fenced. */
    static DecisionHistory read(Kafka kafka) {
        DecisionHistory history = new DecisionHistory();
        LogScan.events(kafka, Topic.DECISIONS, history::apply);
        return history;
    }

    OfBlock ofBlock(String blockId) {
        return new OfBlock(
                sinceInit.getOrDefault(blockId, List.of()), lastHash.getOrDefault(blockId, ""));
    }

    private void apply(LogRecord<Event> record) {
        if (record.event() instanceof PolicyDecided decided
                && decided.kind() == PolicyDecided.Kind.SCALE) {
            List<PolicyDecided> records =
                    sinceInit.computeIfAbsent(decided.blockId(), _ -> new ArrayList<>());
            if (decided.call() == PolicyDecided.Call.INIT) {
                records.clear();
            }
            records.add(decided);
            lastHash.put(decided.blockId(), DecisionChain.sha256(record.value()));
        }
    }
}
