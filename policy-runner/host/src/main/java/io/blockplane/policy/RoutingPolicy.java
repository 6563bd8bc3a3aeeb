package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Outcome;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One balancer object of a lane, in its sandbox, on its own thread. {@link #route} is called for
 * every task by as many threads as there are; the calls are numbered in the order in which they
 * run. {@link #init} comes first; it and {@link #manage} are called by one thread at a time. Goes
 * on until it is not {@link #usable} any more: then another object begins at {@link #position}.
 */
public final class RoutingPolicy implements AutoCloseable {

    /** Tasks that wait for the object at once; more are not let in. */
    public static final int MAX_WAITING = 256;

    private static final String ACTION = "action";
    private static final String DATA = "data";

    private final PolicyEngine engine;
    private final PolicyAssignment assignment;
    private final RoutingLimits limits;
    private final Lane lane;
    private final CpuTime cpu = new CpuTime();
    private final AtomicInteger waiting = new AtomicInteger();
    private final int incarnation;

    // Under this object's lock.
    private long nextSequence;
    private String previousHash;

    private volatile boolean live;
    private volatile boolean discarded;
    private volatile @Nullable Sandbox sandbox;

    // On the lane's thread.
    private @Nullable RoutingGuest guest;
    private final AtomicInteger calls = new AtomicInteger();

    private record Timed(long sequence, Sandbox.Ended ended, long durationUs) {}

    /** Runs inside the sandbox. */
    private interface Inside {
        Sandbox.Ended call(Sandbox sandbox, Recording recording, long sequence);
    }

    /**
     * Nothing is run yet.
     *
     * @param assignment of kind ROUTE, with a lane
     * @param position of the first call
     */
    public RoutingPolicy(
            PolicyEngine engine,
            PolicyAssignment assignment,
            ChainPosition position,
            RoutingLimits limits) {
        this.engine = engine;
        this.assignment = assignment;
        this.limits = limits;
        this.incarnation = position.incarnation();
        this.nextSequence = position.sequence();
        this.previousHash = position.previousHash();
        this.lane = engine.lane("balancer-" + assignment.blockId() + "-" + assignment.lane());
    }

    /** Loads the policy's code and makes its object. */
    public PolicyDecided init(long logicalTimeMs, MetricsSource metrics) {
        return init(logicalTimeMs, metrics, engine.http());
    }

    PolicyDecided init(long logicalTimeMs, MetricsSource metrics, HttpSource http) {
        if (live || discarded) {
            throw new IllegalStateException("init: called before (expected: once)");
        }
        Inside inside =
                (opened, recording, sequence) ->
                        opened.init(
                                recording,
                                seed(sequence),
                                logicalTimeMs,
                                assignment.parameters(),
                                assignment.settings(),
                                assignment.surroundings());
        PolicyDecided decided =
                decide(
                        Call.INIT,
                        logicalTimeMs,
                        assignment.surroundings(),
                        inside,
                        recording(Call.INIT, metrics, http));
        if (decided.outcome() == Outcome.RETURNED) {
            live = true;
        } else {
            close();
        }
        return decided;
    }

    /** Hands a management call to it. */
    public PolicyDecided manage(
            long logicalTimeMs, String action, Json data, MetricsSource metrics) {
        return manage(logicalTimeMs, action, data, metrics, engine.http());
    }

    PolicyDecided manage(
            long logicalTimeMs, String action, Json data, MetricsSource metrics, HttpSource http) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.put(ACTION, action);
        input.set(DATA, data.node());
        Optional<Json> evaluated = RoutingContract.evaluated(action, data);
        Inside inside =
                (opened, recording, sequence) ->
                        evaluated.isPresent()
                                ? opened.evaluate(
                                        recording, seed(sequence), logicalTimeMs, evaluated.get())
                                : opened.manage(
                                        recording, seed(sequence), logicalTimeMs, action, data);
        PolicyDecided decided =
                decide(
                        Call.MANAGE,
                        logicalTimeMs,
                        Json.of(input),
                        inside,
                        recording(Call.MANAGE, metrics, http));
        if (!decided.outcome().reproducible()) {
            close();
        }
        return decided;
    }

    /**
     * Asks where a packet goes. Waits for the answer, but never long, see {@link RoutingLimits}.
     *
     * @param instances ids of the candidates, not empty; the same list object while they are the
     *     same is cheapest
     */
    public Routed route(
            long logicalTimeMs,
            RoutedPacket packet,
            List<String> instances,
            MetricsSource metrics) {
        return route(logicalTimeMs, packet, instances, metrics, engine.http());
    }

    Routed route(
            long logicalTimeMs,
            RoutedPacket packet,
            List<String> instances,
            MetricsSource metrics,
            HttpSource http) {
        if (!usable()) {
            return new Routed.NotCalled("the policy object is at its end");
        }
        try {
            if (waiting.incrementAndGet() > MAX_WAITING) {
                return new Routed.NotCalled(MAX_WAITING + " tasks wait for the policy");
            }
            Turn turn =
                    new Turn(
                            logicalTimeMs,
                            packet,
                            instances,
                            new Recording(metrics, http, limits.route()));
            return lane.execute(turn)
                    ? turn.await()
                    : new Routed.NotCalled("the policy object is at its end");
        } finally {
            waiting.decrementAndGet();
        }
    }

    /** Whether it can take another call. */
    public boolean usable() {
        return live && !discarded;
    }

    /** Of the next call; final once the object is not usable any more. */
    public synchronized ChainPosition position() {
        return new ChainPosition(nextSequence, previousHash, incarnation);
    }

    public PolicyAssignment assignment() {
        return assignment;
    }

    /** For executing recorded calls again: the next call has this place. */
    public synchronized void seek(long sequence, String hashBefore) {
        nextSequence = sequence;
        previousHash = hashBefore;
    }

    /** Ends it, without waiting. */
    @Override
    public void close() {
        synchronized (this) {
            if (discarded) {
                return;
            }
            discarded = true;
        }
        engine.discard(lane, sandbox);
    }

    /** The number of a call that begins; negative when none may begin any more. */
    private synchronized long begin() {
        return discarded ? -1 : nextSequence++;
    }

    private String seed(long sequence) {
        return Sandbox.seed(assignment, sequence);
    }

    private Recording recording(Call call, MetricsSource metrics, HttpSource http) {
        return new Recording(
                metrics, http, call == Call.INIT ? limits.policy().init() : limits.policy().call());
    }

    private PolicyDecided decide(
            Call call, long timeMs, Json input, Inside inside, Recording recording) {
        long started = System.nanoTime();
        long sequence = -1;
        Verdict verdict;
        switch (run(call, inside, recording)) {
            case Lane.Ended.Done<Timed>(Timed timed) -> {
                sequence = timed.sequence;
                RuntimeException failure = recording.failure();
                verdict =
                        failure == null
                                ? Verdict.of(assignment, call, input, timed.ended)
                                : Verdict.failed(Outcome.BROKEN, "get_metrics: " + failure);
            }
            case Lane.Ended.Threw<Timed>(Throwable error) ->
                    verdict = Verdict.failed(Outcome.BROKEN, "the sandbox failed: " + error);
            case Lane.Ended.Lost<Timed>(boolean late, String reason) -> {
                // Nothing may run after it: what it did is unknown.
                close();
                verdict = Verdict.failed(late ? Outcome.TIMED_OUT : Outcome.BROKEN, reason);
            }
        }
        long durationUs = (System.nanoTime() - started) / 1_000;
        return record(call, timeMs, input, sequence, recording.seal(), verdict, durationUs);
    }

    private Lane.Ended<Timed> run(Call call, Inside inside, Recording recording) {
        if (call == Call.INIT) {
            switch (lane.run(this::open, limits.policy().prepare())) {
                case Lane.Ended.Done<Sandbox> _ -> {}
                case Lane.Ended.Threw<Sandbox>(Throwable error) -> {
                    return new Lane.Ended.Threw<>(error);
                }
                case Lane.Ended.Lost<Sandbox>(boolean late, String reason) -> {
                    return new Lane.Ended.Lost<>(late, "the interpreter was not made: " + reason);
                }
            }
        }
        Callable<Timed> body =
                () -> {
                    long sequence = begin();
                    if (sequence < 0) {
                        throw new IllegalStateException("the policy object is at its end");
                    }
                    long started = System.nanoTime();
                    recording.start();
                    Sandbox.Ended ended =
                            inside.call(Objects.requireNonNull(sandbox), recording, sequence);
                    return new Timed(sequence, ended, (System.nanoTime() - started) / 1_000);
                };
        return lane.run(body, call == Call.INIT ? limits.policy().init() : limits.policy().call());
    }

    /** On the lane. */
    private Sandbox open() {
        Sandbox made = engine.sandbox(assignment.archive());
        sandbox = made;
        guest = new RoutingGuest(made, this::seed);
        if (discarded) {
            made.kill();
        }
        return made;
    }

    private synchronized PolicyDecided record(
            Call call,
            long timeMs,
            Json input,
            long sequence,
            List<Effect> effects,
            Verdict verdict,
            long durationUs) {
        PolicyDecided decided =
                new PolicyDecided(
                        assignment.blockId(),
                        assignment.kind(),
                        assignment.lane(),
                        call,
                        sequence < 0 ? nextSequence++ : sequence,
                        incarnation,
                        timeMs,
                        assignment.version(),
                        assignment.parameters(),
                        assignment.settings(),
                        input,
                        effects,
                        verdict.outcome(),
                        verdict.output(),
                        verdict.error(),
                        verdict.action(),
                        verdict.fallbacks(),
                        durationUs,
                        previousHash);
        previousHash = ChainPosition.after(decided).previousHash();
        return decided;
    }

    /** One routing call: run on the lane's thread, awaited on the caller's. */
    private final class Turn extends RoutingTurn {

        private final long timeMs;
        private final RoutedPacket packet;
        private final List<String> instances;
        private final Recording recording;
        private volatile long sequence = -1;

        Turn(long timeMs, RoutedPacket packet, List<String> instances, Recording recording) {
            super(
                    cpu,
                    lane,
                    calls.get() < RoutingLimits.SETTLING_CALLS
                            ? limits.settling()
                            : limits.route());
            this.timeMs = timeMs;
            this.packet = packet;
            this.instances = instances;
            this.recording = recording;
        }

        @Override
        Routed call() {
            long mine = begin();
            if (mine < 0) {
                return new Routed.NotCalled("the policy object is at its end");
            }
            sequence = mine;
            recording.start();
            calls.incrementAndGet();
            RoutingGuest.Answer answer =
                    Objects.requireNonNull(guest).route(recording, mine, timeMs, packet, instances);
            Routed.Call call = call(mine, answer.fields());
            RuntimeException failure = recording.failure();
            if (failure != null) {
                return ended(new Routed.NoChoice(Outcome.BROKEN, "get_metrics: " + failure, call));
            }
            Sandbox.Ended failed = answer.failed();
            return failed == null
                    ? new Routed.Chosen(Objects.requireNonNull(answer.choice()), call)
                    : ended(
                            new Routed.NoChoice(
                                    failed.outcome(), Recording.errorText(failed.text()), call));
        }

        @Override
        Routed broken(String reason) {
            return ended(
                    new Routed.NoChoice(Outcome.BROKEN, reason, call(sequence, Json.EMPTY_OBJECT)));
        }

        @Override
        Routed late(String reason) {
            close();
            return new Routed.NoChoice(
                    Outcome.TIMED_OUT, reason, call(sequence, Json.EMPTY_OBJECT));
        }

        private Routed ended(Routed.NoChoice ended) {
            if (!ended.outcome().reproducible()) {
                close();
            }
            return ended;
        }

        private Routed.Call call(long mine, Json fields) {
            return new Routed.Call(incarnation, mine, timeMs, fields, recording.seal());
        }
    }
}
