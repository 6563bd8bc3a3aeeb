package io.blockplane.runner;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The last evaluations of each acting policy: what a candidate is tried on. Thread safe. */
final class RecentInputs {

    /** Evaluations kept of each line. */
    static final int KEPT = 20;

    private final Map<LineKey, Deque<PolicyDecided>> evaluations = new HashMap<>();

    synchronized void add(PolicyDecided decided) {
        LineKey line = LineKey.of(decided);
        if (decided.call() != Call.EVAL || line.lane() != null) {
            return;
        }
        Deque<PolicyDecided> kept = evaluations.computeIfAbsent(line, _ -> new ArrayDeque<>());
        kept.addLast(decided);
        if (kept.size() > KEPT) {
            kept.removeFirst();
        }
    }

    /** Oldest first. */
    synchronized List<PolicyDecided> of(LineKey line) {
        return List.copyOf(evaluations.getOrDefault(line, new ArrayDeque<>()));
    }
}
