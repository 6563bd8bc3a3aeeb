package io.blockplane.replay;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.Rebuilt;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Reexecution;
import io.blockplane.policy.WindowDocuments;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A policy object as it was just before a decision, to be asked again and again from there. */
final class MomentOfPolicy implements AutoCloseable {

    /** Calls before the decision that a policy with other parameters is given at most. */
    static final int MAX_FED = 200;

    private final DecisionLog log;
    private final PolicyEngine engine;
    private final List<PolicyDecided> history;
    private final PolicyArchive archive;
    private final RecordedPolicy policy;
    private final PolicyDecided state;
    private int runs;

    private MomentOfPolicy(
            DecisionLog log,
            PolicyEngine engine,
            List<PolicyDecided> history,
            PolicyArchive archive,
            RecordedPolicy policy,
            PolicyDecided state) {
        this.log = log;
        this.engine = engine;
        this.history = history;
        this.archive = archive;
        this.policy = policy;
        this.state = state;
    }

    /**
     * Brings it back by executing what came before.
     *
     * @param history from an INIT on, without the decision; between the INIT and a state that was
     *     written down records may be left out
     * @throws IOException when it can't be brought back, with the reason
     */
    static MomentOfPolicy of(DecisionLog log, PolicyEngine engine, List<PolicyDecided> history)
            throws IOException {
        if (history.isEmpty() || history.getFirst().call() != Call.INIT) {
            throw new IOException("the INIT of its policy object is not in the log");
        }
        PolicyDecided init = history.getFirst();
        PolicyArchive archive = log.archive(init.policy().sha256());
        if (archive == null) {
            throw new IOException("archive " + init.policy().sha256() + " is not in the log");
        }
        RecordedPolicy policy = made(log, engine, init, archive, init.parameters());
        boolean skips = history.size() > 1 && history.get(1).sequence() != init.sequence() + 1;
        Rebuilt rebuilt =
                skips
                        ? policy.restore(history, log::document)
                        : policy.rebuild(history, log::document);
        if (!(rebuilt instanceof Rebuilt.Same)) {
            policy.close();
            throw new IOException("its state can't be brought back: " + rebuilt);
        }
        PolicyDecided state = policy.snapshot(history.getLast().logicalTimeMs());
        if (state.outcome() != Outcome.RETURNED) {
            policy.close();
            throw new IOException("its state can't be written down: " + state.error());
        }
        return new MomentOfPolicy(log, engine, history, archive, policy, state);
    }

    /** What is decided then on this call; null when that can't be said. */
    @Nullable PolicyDecided decide(PolicyDecided call, WindowDocuments windows) {
        runs++;
        if (!policy.usable() || policy.load(state).isPresent()) {
            return null;
        }
        return executed(policy, call, windows);
    }

    /**
     * What is decided by an object that was made with other parameters, and given the same calls;
     * null when that can't be said.
     */
    @Nullable PolicyDecided decideWith(Json parameters, PolicyDecided call) {
        runs++;
        PolicyDecided init = history.getFirst();
        try (RecordedPolicy other = made(log, engine, init, archive, parameters)) {
            if (executed(other, init, log::document) == null || !other.usable()) {
                return null;
            }
            for (PolicyDecided before : fed()) {
                if (executed(other, before, log::document) == null) {
                    return null;
                }
            }
            return executed(other, call, log::document);
        }
    }

    /** How many calls before the decision an object with other parameters is not given. */
    int notFed() {
        return Math.max(0, history.size() - 1 - MAX_FED);
    }

    int runs() {
        return runs;
    }

    @Override
    public void close() {
        policy.close();
    }

    private List<PolicyDecided> fed() {
        return history.subList(1 + notFed(), history.size()).stream()
                .filter(d -> d.call() != Call.SNAPSHOT)
                .toList();
    }

    private static @Nullable PolicyDecided executed(
            RecordedPolicy policy, PolicyDecided call, WindowDocuments windows) {
        return policy.reexecute(call, windows) instanceof Reexecution.Executed(PolicyDecided made)
                        && made.outcome().reproducible()
                ? made
                : null;
    }

    private static RecordedPolicy made(
            DecisionLog log,
            PolicyEngine engine,
            PolicyDecided init,
            PolicyArchive archive,
            Json parameters) {
        PolicyAssignment assignment =
                new PolicyAssignment(
                        init.blockId(),
                        init.kind(),
                        init.lane(),
                        init.policy(),
                        archive,
                        parameters,
                        init.settings(),
                        init.input(),
                        log.schemas(init.policy().uri()));
        return new RecordedPolicy(
                engine,
                assignment,
                new ChainPosition(init.sequence(), init.previousHash(), init.incarnation()),
                PolicyLimits.PATIENT);
    }
}
