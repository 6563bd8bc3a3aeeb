package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.PolicyDecided.PolicyVersion;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.DecisionChange;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Reexecution;
import io.blockplane.replay.DiffReport.ChainDiff;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Level 1 of replay: a candidate is given every recorded input, one after another, whatever it
 * decided on those before, and its decisions are laid beside the recorded ones.
 */
public final class Diff {

    private final DecisionLog log;
    private final PolicyEngine engine;
    private final Candidate candidate;
    private final DiffGroups groups = new DiffGroups();

    private Diff(DecisionLog log, PolicyEngine engine, Candidate candidate) {
        this.log = log;
        this.engine = engine;
        this.candidate = candidate;
    }

    /**
     * Compares with all chains of a kind that act.
     *
     * @param kind not ROUTE: the inputs of balancers are recorded in part
     */
    public static DiffReport run(
            LogSource source, Selection selection, Kind kind, Candidate candidate)
            throws IOException {
        try (PolicyEngine engine = PolicyEngine.create()) {
            return run(source, selection, kind, candidate, engine);
        }
    }

    static DiffReport run(
            LogSource source,
            Selection selection,
            Kind kind,
            Candidate candidate,
            PolicyEngine engine)
            throws IOException {
        if (kind == Kind.ROUTE) {
            throw new IllegalArgumentException(
                    "kind: ROUTE (expected: another; of a packet only what the balancer read is"
                            + " recorded, so another balancer can't be given it)");
        }
        try (DecisionLog log = DecisionLog.read(source, selection)) {
            Diff diff = new Diff(log, engine, candidate);
            List<ChainDiff> chains = new ArrayList<>();
            for (Map.Entry<String, Chain> chain : log.chains().entrySet()) {
                if (chain.getKey().endsWith("/" + kind)) {
                    chains.add(diff.compare(chain.getKey(), chain.getValue()));
                }
            }
            if (chains.isEmpty()) {
                throw new IOException(
                        "%s has no decision of kind %s there".formatted(source.name(), kind));
            }
            return new DiffReport(candidate.uri(), chains, diff.groups.all());
        }
    }

    private ChainDiff compare(String name, Chain chain) {
        try (OneChain one = new OneChain()) {
            for (int i = 0; i < chain.size(); i++) {
                one.next(chain.records().get(i), i >= chain.before());
            }
            return one.result(name);
        }
    }

    /** The candidate beside one chain. */
    private final class OneChain implements AutoCloseable {
        private @Nullable RecordedPolicy policy;
        private @Nullable String notCompared;
        private @Nullable String first;
        private boolean stopped;
        private long compared;
        private long differing;
        private long valid;

        void next(LogRecord<Event> record, boolean within) {
            PolicyDecided recorded = (PolicyDecided) record.event();
            if (recorded.call() == Call.INIT || (policy == null && !stopped)) {
                begin(recorded);
            }
            RecordedPolicy living = policy;
            if (living == null
                    || recorded.call() == Call.INIT
                    || recorded.call() == Call.SNAPSHOT) {
                return;
            }
            PolicyDecided given = withMetrics(recorded, record.envelope().causationId());
            switch (living.reexecute(given, log::document)) {
                case Reexecution.WindowMissing(String windowId) ->
                        notCompared = "window " + windowId + " is not in the log, for one";
                case Reexecution.Executed(PolicyDecided decided) -> {
                    if (!decided.outcome().reproducible()) {
                        stop(
                                "the candidate was cut short at "
                                        + recorded.id()
                                        + ": "
                                        + decided.error());
                    } else if (within && recorded.call() == Call.EVAL) {
                        compare(recorded, decided, given);
                    }
                }
            }
        }

        ChainDiff result(String name) {
            return new ChainDiff(
                    name,
                    compared,
                    differing,
                    first == null ? compared : valid,
                    first,
                    notCompared);
        }

        @Override
        public void close() {
            RecordedPolicy living = policy;
            if (living != null) {
                living.close();
                policy = null;
            }
        }

        private void compare(PolicyDecided recorded, PolicyDecided decided, PolicyDecided given) {
            compared++;
            if (DecisionChange.sameEffect(recorded, decided)) {
                return;
            }
            differing++;
            if (first == null) {
                first = recorded.id();
                valid = compared - 1;
            }
            groups.add(recorded, decided, window(given));
        }

        private void begin(PolicyDecided recorded) {
            close();
            stopped = false;
            Json surroundings = recorded.call() == Call.INIT ? recorded.input() : Json.EMPTY_OBJECT;
            PolicyAssignment assignment =
                    new PolicyAssignment(
                            recorded.blockId(),
                            recorded.kind(),
                            recorded.lane(),
                            new PolicyVersion(
                                    candidate.uri(),
                                    candidate.archive().sha256(),
                                    engine.runtime()),
                            candidate.archive(),
                            PolicyAssignment.merge(recorded.parameters(), candidate.parameters()),
                            PolicyAssignment.merge(recorded.settings(), candidate.settings()),
                            surroundings,
                            candidate.schemas());
            RecordedPolicy made =
                    new RecordedPolicy(
                            engine, assignment, ChainPosition.START, PolicyLimits.PATIENT);
            PolicyDecided init =
                    made.init(recorded.logicalTimeMs(), io.blockplane.policy.MetricsSource.NONE);
            policy = made;
            if (!made.usable()) {
                stop("the candidate can't be loaded: " + init.error());
            }
        }

        private void stop(String why) {
            close();
            stopped = true;
            notCompared = why;
        }
    }

    private @Nullable WindowClosed window(PolicyDecided given) {
        for (Effect effect : given.effects()) {
            if (effect instanceof MetricsRead read && read.windowId() != null) {
                return log.window(read.windowId());
            }
        }
        return null;
    }

    /** With what it could have read, where the recorded policy read nothing. */
    private PolicyDecided withMetrics(PolicyDecided recorded, @Nullable String cause) {
        boolean read = recorded.effects().stream().anyMatch(MetricsRead.class::isInstance);
        if (read || cause == null || log.window(cause) == null) {
            return recorded;
        }
        List<Effect> effects = new ArrayList<>(recorded.effects());
        effects.add(new MetricsRead(cause, "", MetricsRead.PARTS));
        return Changed.effects(recorded, effects);
    }
}
