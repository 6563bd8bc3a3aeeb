package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One policy object in its sandbox, on its own thread, with its place in the chain of decisions.
 * Every call returns its finished record, whatever the policy does, within its limit. It begins
 * with {@link #init} or {@link #rebuild} and goes on until it is not {@link #usable} any more: then
 * another one has to begin, see {@link PolicyLine}.
 *
 * <p>Used by one thread at a time; {@link #close} may be called from any.
 */
public final class RecordedPolicy implements AutoCloseable {

    private static final String ACTION = "action";
    private static final String DATA = "data";

    private final PolicyEngine engine;
    private final PolicyAssignment assignment;
    private final PolicyLimits limits;
    private final Lane lane;
    private ChainPosition position;
    private boolean live;
    private volatile @Nullable Sandbox sandbox;
    private volatile boolean discarded;

    private record Request(Call call, long timeMs, Json input) {}

    private record Timed(Sandbox.Ended ended, long durationUs) {}

    /**
     * Nothing is run yet.
     *
     * @param position of the first decision that this object will make
     */
    public RecordedPolicy(
            PolicyEngine engine,
            PolicyAssignment assignment,
            ChainPosition position,
            PolicyLimits limits) {
        this.engine = engine;
        this.assignment = assignment;
        this.position = position;
        this.limits = limits;
        this.lane =
                engine.lane(
                        "policy-%s-%s-%d"
                                .formatted(
                                        assignment.blockId(),
                                        assignment.kind().name().toLowerCase(Locale.ROOT),
                                        position.incarnation()));
    }

    /** Loads the policy's code and makes its object. */
    public PolicyDecided init(long logicalTimeMs, MetricsSource metrics) {
        return next(new Request(Call.INIT, logicalTimeMs, assignment.surroundings()), metrics);
    }

    /** Lets it decide. */
    public PolicyDecided eval(long logicalTimeMs, Json input, MetricsSource metrics) {
        return next(new Request(Call.EVAL, logicalTimeMs, input), metrics);
    }

    /** Hands a management call to it. */
    public PolicyDecided manage(
            long logicalTimeMs, String action, Json data, MetricsSource metrics) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.put(ACTION, action);
        input.set(DATA, data.node());
        return next(new Request(Call.MANAGE, logicalTimeMs, Json.of(input)), metrics);
    }

    /**
     * Writes its state down: the output, when it is {@code RETURNED}. {@code UNUSABLE} says what
     * can't be written; nothing is lost by it but time when the state is needed again.
     */
    public PolicyDecided snapshot(long logicalTimeMs) {
        return next(
                new Request(Call.SNAPSHOT, logicalTimeMs, Json.EMPTY_OBJECT), MetricsSource.NONE);
    }

    /** Whether it can take another call. */
    public boolean usable() {
        return live && !discarded;
    }

    /** Of the next decision. */
    public ChainPosition position() {
        return position;
    }

    public PolicyAssignment assignment() {
        return assignment;
    }

    /**
     * Executes a recorded call again, with what is recorded of its inputs, and returns the record
     * that comes out. Its own place in the chain stays what it was; a call that doesn't fit its
     * state is a bug of the caller, as with the calls above.
     */
    public Reexecution reexecute(PolicyDecided recorded, WindowDocuments windows) {
        String missing = RecordedMetrics.missing(recorded, windows);
        if (missing != null) {
            return new Reexecution.WindowMissing(missing);
        }
        ChainPosition at =
                new ChainPosition(
                        recorded.sequence(), recorded.previousHash(), recorded.incarnation());
        Request request = new Request(recorded.call(), recorded.logicalTimeMs(), recorded.input());
        return new Reexecution.Executed(
                perform(
                        request,
                        at,
                        RecordedMetrics.of(recorded, windows),
                        new RecordedHttp(recorded)));
    }

    /**
     * Gives this new object the state of the one that made these decisions, by executing them
     * again. Makes no decisions of its own.
     *
     * @param decisions of one policy object, from its INIT on, in order
     */
    public Rebuilt rebuild(List<PolicyDecided> decisions, WindowDocuments windows) {
        return new Rebuilding(this, windows).rebuild(decisions);
    }

    /**
     * As {@link #rebuild}, but with the newest state that was written down in the place of the
     * calls before it.
     *
     * @param decisions from an INIT on, in order; between it and the last usable SNAPSHOT they are
     *     not looked at and may be missing
     * @return {@link Rebuilt.Impossible} also when there is no usable SNAPSHOT
     */
    public Rebuilt restore(List<PolicyDecided> decisions, WindowDocuments windows) {
        return new Rebuilding(this, windows).restore(decisions);
    }

    /**
     * Gives it, after its INIT, the state of a usable snapshot; says why it can't be. May be done
     * again and again, to try several calls on the same state; what the policy keeps outside of its
     * object stays.
     */
    public Optional<String> load(PolicyDecided snapshot) {
        Sandbox inside = sandbox;
        Json state = snapshot.output();
        if (!usable() || inside == null || state == null) {
            return Optional.of("there is no object, or no state");
        }
        String seed = Sandbox.seed(assignment, snapshot.sequence());
        Recording nowhere = new Recording(MetricsSource.NONE, HttpSource.NONE, limits.call());
        Lane.Ended<Sandbox.Ended> loaded =
                lane.run(
                        () -> inside.restore(nowhere, seed, snapshot.logicalTimeMs(), state),
                        limits.init());
        if (loaded instanceof Lane.Ended.Done<Sandbox.Ended>(Sandbox.Ended ended)
                && ended.outcome() == Outcome.RETURNED) {
            return Optional.empty();
        }
        close();
        return Optional.of(loaded.toString());
    }

    /** Ends it, without waiting. */
    @Override
    public void close() {
        if (!discarded) {
            discarded = true;
            engine.discard(lane, sandbox);
        }
    }

    private PolicyDecided next(Request request, MetricsSource metrics) {
        PolicyDecided decided = perform(request, position, metrics, engine.http());
        position = ChainPosition.after(decided);
        return decided;
    }

    private PolicyDecided perform(
            Request request, ChainPosition at, MetricsSource metrics, HttpSource http) {
        boolean expected = request.call != Call.INIT;
        if (discarded || live != expected) {
            throw new IllegalStateException(
                    "%s of a policy object that is %s (expected: %s)"
                            .formatted(
                                    request.call,
                                    discarded ? "closed" : name(live),
                                    name(expected)));
        }
        if (request.call == Call.EVAL) {
            Optional<Verdict> refused = Verdict.ofInput(assignment, request.input);
            if (refused.isPresent()) {
                return record(request, at, List.of(), refused.get(), 0);
            }
        }
        Recording recording = new Recording(metrics, http, httpLimit(request.call));
        long started = System.nanoTime();
        Verdict verdict;
        long durationUs;
        switch (run(request, at, recording)) {
            case Lane.Ended.Done<Timed>(Timed timed) -> {
                RuntimeException failure = recording.failure();
                verdict =
                        failure == null
                                ? Verdict.of(assignment, request.call, request.input, timed.ended)
                                : Verdict.failed(Outcome.BROKEN, "get_metrics: " + failure);
                durationUs = timed.durationUs;
            }
            case Lane.Ended.Threw<Timed>(Throwable error) -> {
                verdict = Verdict.failed(Outcome.BROKEN, "the sandbox failed: " + error);
                durationUs = (System.nanoTime() - started) / 1_000;
            }
            case Lane.Ended.Lost<Timed>(boolean late, String reason) -> {
                verdict = Verdict.failed(late ? Outcome.TIMED_OUT : Outcome.BROKEN, reason);
                durationUs = (System.nanoTime() - started) / 1_000;
            }
        }
        settle(request.call, verdict.outcome());
        return record(request, at, recording.seal(), verdict, durationUs);
    }

    private void settle(Call call, Outcome outcome) {
        boolean goesOn = call == Call.INIT ? outcome == Outcome.RETURNED : outcome.reproducible();
        if (goesOn) {
            live = true;
        } else {
            close();
        }
    }

    private Lane.Ended<Timed> run(Request request, ChainPosition at, Recording recording) {
        if (sandbox == null) {
            Lane.Ended<Sandbox> opened = lane.run(this::open, limits.prepare());
            switch (opened) {
                case Lane.Ended.Done<Sandbox>(Sandbox made) -> {
                    sandbox = made;
                    if (discarded) {
                        made.kill();
                    }
                }
                case Lane.Ended.Threw<Sandbox>(Throwable error) -> {
                    return new Lane.Ended.Threw<>(error);
                }
                case Lane.Ended.Lost<Sandbox>(boolean late, String reason) -> {
                    return new Lane.Ended.Lost<>(late, "the interpreter was not made: " + reason);
                }
            }
        }
        Sandbox inside = Objects.requireNonNull(sandbox);
        Callable<Timed> call =
                () -> {
                    long started = System.nanoTime();
                    Sandbox.Ended ended = call(inside, request, at, recording);
                    return new Timed(ended, (System.nanoTime() - started) / 1_000);
                };
        return lane.run(call, limit(request.call));
    }

    private Duration limit(Call call) {
        return call == Call.INIT ? limits.init() : limits.call();
    }

    /** Less than the call's own: a policy shall see that a request is late, and still answer. */
    private Duration httpLimit(Call call) {
        return limit(call).multipliedBy(4).dividedBy(5);
    }

    /** On the lane, which nobody may be waiting for any more when this is done. */
    private Sandbox open() {
        Sandbox made = engine.sandbox(assignment.archive());
        if (discarded) {
            made.kill();
        }
        return made;
    }

    private static String name(boolean live) {
        return live ? "live" : "new";
    }

    private Sandbox.Ended call(
            Sandbox inside, Request request, ChainPosition at, Recording recording) {
        String seed = Sandbox.seed(assignment, at.sequence());
        return switch (request.call) {
            case INIT ->
                    inside.init(
                            recording,
                            seed,
                            request.timeMs,
                            assignment.parameters(),
                            assignment.settings(),
                            request.input);
            case SNAPSHOT -> inside.snapshot(recording, seed, request.timeMs);
            case EVAL -> inside.evaluate(recording, seed, request.timeMs, request.input);
            case MANAGE -> manage(inside, request, seed, recording);
        };
    }

    private Sandbox.Ended manage(
            Sandbox inside, Request request, String seed, Recording recording) {
        ObjectNode input = request.input.object();
        String action = input.path(ACTION).asText();
        Json data = Json.of(input.path(DATA));
        Optional<Json> evaluated =
                assignment.kind() == Kind.ROUTE
                        ? RoutingContract.evaluated(action, data)
                        : Optional.empty();
        return evaluated.isPresent()
                ? inside.evaluate(recording, seed, request.timeMs, evaluated.get())
                : inside.manage(recording, seed, request.timeMs, action, data);
    }

    private PolicyDecided record(
            Request request,
            ChainPosition at,
            List<Effect> effects,
            Verdict verdict,
            long durationUs) {
        return new PolicyDecided(
                assignment.blockId(),
                assignment.kind(),
                assignment.lane(),
                request.call,
                at.sequence(),
                at.incarnation(),
                request.timeMs,
                assignment.version(),
                assignment.parameters(),
                assignment.settings(),
                request.input,
                effects,
                verdict.outcome(),
                verdict.output(),
                verdict.error(),
                verdict.action(),
                verdict.fallbacks(),
                durationUs,
                at.previousHash());
    }
}
