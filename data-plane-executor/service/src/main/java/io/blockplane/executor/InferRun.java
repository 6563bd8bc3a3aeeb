package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Retries;
import io.blockplane.executor.core.Retries.Verdict;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One accepted task on its way: waits for a place, tries, and tries again by the rules of {@link
 * Retries}. Each step begins where the one before ended, on whatever thread that was; only
 * cancelling comes from elsewhere.
 */
final class InferRun implements Transport.Listener {

    /** How long a task waits for its block to show up in this executor's view of the log. */
    static final Duration UNKNOWN_BLOCK_LIMIT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(InferRun.class);
    private static final Duration UNKNOWN_BLOCK_PAUSE = Duration.ofMillis(100);
    private static final Set<String> NONE = Set.of();

    private final InferRunner runner;
    private final InboxTask task;
    private final TaskTrace trace;
    private final PacketFacts facts;

    // One step after the other.
    private Retries history = Retries.NONE;
    private Set<String> avoid = NONE;
    private @Nullable Instant blockMissing;
    private @Nullable Block block;
    private @Nullable Place<Target> held;
    private int attempts;

    // Under this object's lock.
    private @Nullable Runnable stop;
    private boolean cancelled;

    InferRun(InferRunner runner, InboxTask task, TaskTrace trace) {
        this.runner = runner;
        this.task = task;
        this.trace = trace;
        this.facts = new PacketFacts(task.packet().sessionId(), task.packet().seqNo());
    }

    /** Begins. */
    void begin() {
        Block known = runner.block(task.blockId());
        if (known != null) {
            block = known;
            place(known);
            return;
        }
        Instant now = runner.now();
        if (blockMissing == null) {
            blockMissing = now;
        }
        if (Duration.between(blockMissing, now).compareTo(UNKNOWN_BLOCK_LIMIT) >= 0) {
            fail("block: " + task.blockId() + " (expected: a block that exists)");
        } else {
            later(UNKNOWN_BLOCK_PAUSE, this::begin);
        }
    }

    /** Gives the task up, without an end: it is still in the inbox. */
    void cancel() {
        Runnable now;
        synchronized (this) {
            cancelled = true;
            now = stop;
        }
        if (now != null) {
            now.run();
        }
    }

    @Override
    public void piece(ByteString text) {
        throw new IllegalStateException("a piece of an answer that was wanted whole");
    }

    @Override
    public void ended(Attempt attempt) {
        Place<Target> place = Objects.requireNonNull(held);
        Objects.requireNonNull(block).router().release(place, attempt);
        switch (attempt) {
            case Attempt.Answered answered -> complete(answered);
            case Attempt.Refused(Status status) ->
                    fail(
                            "%s: %s: %s"
                                    .formatted(
                                            place.instanceId(),
                                            status.getCode(),
                                            status.getDescription()));
            case Attempt.Expired(String detail) ->
                    runner.ended(
                            task,
                            trace,
                            Ending.expired(
                                    "no answer within " + runner.attemptLimit() + ": " + detail),
                            null);
            case Attempt.Abandoned() -> runner.abandoned(task, trace);
            case Attempt.NotTaken(String detail) ->
                    again(place, attempt, history.afterNotTaken(runner.now(), detail));
            case Attempt.Lost(String detail) -> again(place, attempt, history.afterLost(detail));
        }
    }

    private void place(Block known) {
        CompletableFuture<Place<Target>> place =
                known.router().acquire(task.order(), facts, task.packet().bytes().size(), avoid);
        if (!stoppable(() -> place.cancel(false))) {
            // Whoever cancelled it did not see this.
            place.cancel(false);
        }
        var _ =
                place.whenComplete((found, error) -> {
                    if (error == null) {
                        placed(known, found);
                    } else {
                        runner.abandoned(task, trace);
                    }
                });
    }

    private void placed(Block known, Place<Target> place) {
        try {
            route(known, place);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("taskId", task.taskId())
                    .setCause(e)
                    .log("task is stuck until this executor starts again");
        }
    }

    /** Asks the block's own policy where there is one: it may block, so not on this thread. */
    private void route(Block known, Place<Target> place) {
        if (known.balancer().asksPolicy() && !trace.mayAskPolicy()) {
            fly(PolicyRouting.askedEnough(place));
            return;
        }
        if (!known.balancer().asksPolicy()) {
            fly(known.balancer().withoutPolicy(place));
            return;
        }
        boolean asked =
                runner.onPolicyThread(() -> {
                    Place<Target> moved;
                    try {
                        moved = known.balancer().route(known.router(), place, task.packet(), avoid);
                    } catch (RuntimeException e) {
                        LOG.atError()
                                .addKeyValue("taskId", task.taskId())
                                .setCause(e)
                                .log("balancer failed, the task stays where it was");
                        moved = place;
                    }
                    fly(moved);
                });
        if (!asked) {
            known.router().release(place, new Attempt.Abandoned());
            runner.abandoned(task, trace);
        }
    }

    private void fly(Place<Target> place) {
        held = place;
        attempts++;
        trace.handedOver(runner.now(), place.routing());
        if (isCancelled()) {
            ended(new Attempt.Abandoned());
            return;
        }
        int number = attempts;
        Transport.Flight flight;
        try {
            flight =
                    place.instance()
                            .transport
                            .start(
                                    new Transport.Work(
                                            task.packet(),
                                            /* stream= */ false,
                                            runner.attemptLimit()),
                                    this);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("taskId", task.taskId()).setCause(e).log("no attempt");
            ended(new Attempt.NotTaken("no attempt: " + e));
            return;
        }
        synchronized (this) {
            // It may have ended already, and something else be under way.
            if (number != attempts) {
                return;
            }
            stop = flight::cancel;
            if (!cancelled) {
                return;
            }
        }
        flight.cancel();
    }

    private void again(Place<Target> place, Attempt attempt, Verdict verdict) {
        if (runner.stopping() || isCancelled()) {
            runner.abandoned(task, trace);
            return;
        }
        switch (verdict) {
            case Verdict.GiveUp(String reason) -> fail(reason);
            case Verdict.Again(Duration backoff, Retries next) -> {
                LOG.atDebug()
                        .addKeyValue("taskId", task.taskId())
                        .addKeyValue("instanceId", place.instanceId())
                        .addKeyValue("attempt", attempt)
                        .log("no answer, again");
                runner.retried(task.blockId());
                history = next;
                avoid = new HashSet<>(Set.of(place.instanceId()));
                attempts++;
                // It is accepted, so it is repeated all the same, only not so soon.
                boolean soon = isFirst(attempt, next) || mayRetry();
                later(soon ? backoff : Retries.MAX_BACKOFF, this::begin);
            }
        }
    }

    /** The first repetition of what no instance has seen is free. */
    private static boolean isFirst(Attempt attempt, Retries history) {
        return attempt instanceof Attempt.NotTaken && history.notTaken() == 1;
    }

    private boolean mayRetry() {
        return Objects.requireNonNull(block).router().mayRetry();
    }

    private void later(Duration pause, Runnable step) {
        // The step or the end of the run: what comes first.
        AtomicBoolean taken = new AtomicBoolean();
        Runnable giveUp =
                () -> {
                    if (taken.compareAndSet(false, true)) {
                        runner.abandoned(task, trace);
                    }
                };
        boolean goesOn =
                stoppable(giveUp)
                        && runner.after(
                                pause,
                                () -> {
                                    if (taken.compareAndSet(false, true)) {
                                        step.run();
                                    }
                                });
        if (!goesOn) {
            giveUp.run();
        }
    }

    /** What a cancel does from here on; false when it was cancelled already. */
    private synchronized boolean stoppable(Runnable how) {
        stop = how;
        return !cancelled;
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    private void complete(Attempt.Answered answered) {
        ByteString output = task.packet().withData(answered.data());
        if (output.size() > PacketRecords.MAX_BYTES) {
            fail(
                    "output: %d bytes (expected: at most %d, the largest record of the log)"
                            .formatted(output.size(), PacketRecords.MAX_BYTES));
        } else {
            runner.ended(
                    task,
                    trace,
                    Ending.completed(answered.inputTokens(), answered.outputTokens()),
                    output);
        }
    }

    private void fail(String reason) {
        runner.ended(task, trace, Ending.failed(reason), null);
    }
}
