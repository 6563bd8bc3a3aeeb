package io.blockplane.policy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Gives a new policy object the state of one that made decisions, by executing them again. */
final class Rebuilding {

    private final RecordedPolicy policy;
    private final WindowDocuments windows;

    Rebuilding(RecordedPolicy policy, WindowDocuments windows) {
        this.policy = policy;
        this.windows = windows;
    }

    /** All of them. */
    Rebuilt rebuild(List<PolicyDecided> decisions) {
        if (!beginsWithInit(decisions)) {
            return new Rebuilt.Impossible("the decisions don't begin with an INIT");
        }
        Rebuilt failed = again(decisions, decisions.getFirst().sequence());
        return failed == null ? new Rebuilt.Same(decisions.size()) : failed;
    }

    /** The INIT, the state of the last usable snapshot, and what comes after it. */
    Rebuilt restore(List<PolicyDecided> decisions) {
        int at = decisions.size() - 1;
        while (at >= 0 && !isUsableSnapshot(decisions.get(at))) {
            at--;
        }
        if (at < 0 || !beginsWithInit(decisions)) {
            return new Rebuilt.Impossible("no state was written down");
        }
        PolicyDecided init = decisions.getFirst();
        Rebuilt failed = again(List.of(init), init.sequence());
        if (failed != null) {
            return failed;
        }
        PolicyDecided snapshot = decisions.get(at);
        Optional<String> unreadable = policy.load(snapshot);
        if (unreadable.isPresent()) {
            return new Rebuilt.Impossible(
                    "the state of decision %d can't be read: %s"
                            .formatted(snapshot.sequence(), unreadable.get()));
        }
        // The snapshot itself too: the state has to be the same to the byte when written again.
        List<PolicyDecided> rest = decisions.subList(at, decisions.size());
        failed = again(rest, snapshot.sequence());
        return failed == null ? new Rebuilt.Same(1 + rest.size()) : failed;
    }

    private static boolean beginsWithInit(List<PolicyDecided> decisions) {
        return !decisions.isEmpty() && decisions.getFirst().call() == Call.INIT;
    }

    private static boolean isUsableSnapshot(PolicyDecided decision) {
        return decision.call() == Call.SNAPSHOT
                && decision.outcome() == Outcome.RETURNED
                && decision.output() != null;
    }

    /** Null when all came out the same. */
    private @Nullable Rebuilt again(List<PolicyDecided> decisions, long first) {
        long expected = first;
        for (PolicyDecided recorded : decisions) {
            if (recorded.sequence() != expected) {
                return new Rebuilt.Impossible("decision " + expected + " is missing");
            }
            expected++;
            Rebuilt failed = again(recorded);
            if (failed != null) {
                return failed;
            }
        }
        return null;
    }

    private @Nullable Rebuilt again(PolicyDecided recorded) {
        if (!recorded.outcome().reproducible()) {
            return new Rebuilt.Impossible(
                    "decision %d ended as %s, which ends a policy object"
                            .formatted(recorded.sequence(), recorded.outcome()));
        }
        if (recorded.call() != Call.INIT && !policy.usable()) {
            return new Rebuilt.Impossible(
                    "decision " + recorded.sequence() + " follows on an INIT that failed");
        }
        return switch (policy.reexecute(recorded, windows)) {
            case Reexecution.WindowMissing(String windowId) ->
                    new Rebuilt.Impossible(
                            "decision %d read window %s, which is not there"
                                    .formatted(recorded.sequence(), windowId));
            case Reexecution.Executed(PolicyDecided executed) ->
                    Reexecution.same(recorded, executed)
                            ? null
                            : new Rebuilt.Different(recorded, executed);
        };
    }
}
