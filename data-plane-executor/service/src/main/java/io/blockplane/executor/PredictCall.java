package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.routing.Answer;
import io.blockplane.executor.core.routing.Asking;
import io.blockplane.executor.core.routing.BlockRouter;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import io.grpc.Status;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of Predict on its way: a place, an attempt, another one if the instance took nothing of
 * it, an end. Each step begins where the one before ended, on whatever thread that was; only
 * cancelling comes from elsewhere.
 */
final class PredictCall implements CallHandler.Running, Transport.Listener, Asking {

    /**
     * A caller's deadline begins when it sends, ours when the request is here: a caller that
     * cancels this close before ours ran into its own.
     */
    private static final Duration DEADLINE_SLACK = Duration.ofMillis(250);

    private static final Logger LOG = LoggerFactory.getLogger(PredictCall.class);
    private static final Set<String> NONE = Set.of();

    private final Block block;
    private final Packet packet;
    private final boolean stream;
    private final CallHandler.Answer answer;
    private final TaskTrace trace;
    private final PredictService.Surroundings service;
    private final @Nullable Long deadlineNanos;
    private final PacketFacts facts;

    // One step after the other.
    private Set<String> avoid = NONE;
    private String notTaken = "";
    private int attempts;
    private boolean begun;
    private ByteString streamed = ByteString.EMPTY;
    private @Nullable Place<Target> held;

    // Under this object's lock.
    private Transport.@Nullable Flight flight;
    private FairQueue.@Nullable Place<Waiting.Call> waiting;
    private boolean cancelled;
    private boolean owed;

    PredictCall(
            Block block,
            Packet packet,
            boolean stream,
            CallHandler.Answer answer,
            TaskTrace trace,
            PredictService.Surroundings service,
            @Nullable Long deadlineNanos) {
        this.block = block;
        this.packet = packet;
        this.stream = stream;
        this.answer = answer;
        this.trace = trace;
        this.service = service;
        this.deadlineNanos = deadlineNanos;
        this.facts = new PacketFacts(packet.sessionId(), packet.seqNo());
    }

    /** The first attempt, and each one after it. */
    void next() {
        if (attempts == BlockRouter.MAX_CALL_ATTEMPTS) {
            fail(
                    Status.UNAVAILABLE,
                    "%d instances of block %s did not take the task%s"
                            .formatted(BlockRouter.MAX_CALL_ATTEMPTS, block.id(), notTaken));
            return;
        }
        attempts++;
        taken(block.router().tryAcquire(this, left()));
    }

    @Override
    public PacketFacts packet() {
        return facts;
    }

    @Override
    public int bytes() {
        return packet.bytes().size();
    }

    @Override
    public Set<String> avoid() {
        return avoid;
    }

    private void taken(Answer<Target, Waiting.Call> found) {
        switch (found) {
            case Answer.NoInstance() ->
                    fail(
                            Status.UNAVAILABLE,
                            "block %s has no instance that takes tasks now%s"
                                    .formatted(block.id(), notTaken));
            case Answer.Shed(Answer.Why why, int queued, Duration retryAfter) ->
                    shed(
                            switch (why) {
                                case QUEUE_FULL ->
                                        "each instance of block %s has all the tasks that it may have, and %d calls wait"
                                                .formatted(block.id(), queued);
                                case DEADLINE ->
                                        "block %s can't serve it before its deadline: %d calls wait"
                                                .formatted(block.id(), queued);
                            },
                            retryAfter);
            case Answer.Waits(FairQueue.Place<Waiting.Call> queued) -> await(queued);
            case Answer.Placed(Place<Target> place) -> route(place);
        }
    }

    private void await(FairQueue.Place<Waiting.Call> queued) {
        boolean late;
        synchronized (this) {
            waiting = queued;
            late = cancelled;
        }
        var _ =
                queued.task()
                        .whenComplete((found, error) -> {
                            synchronized (this) {
                                waiting = null;
                            }
                            if (error == null) {
                                taken(found);
                            } else if (deadlinePassed()) {
                                expire("the caller's deadline passed while it waited");
                            } else {
                                fail(Status.CANCELLED, "the caller went away while it waited");
                            }
                        });
        if (late) {
            block.router().giveUp(queued);
        }
    }

    @Override
    public void piece(ByteString text) {
        begun = true;
        if (block.storesPredictions() && streamed.size() <= PacketRecords.MAX_BYTES) {
            streamed = streamed.concat(text);
        }
        answer.piece(PredictMessages.delta(text));
        synchronized (this) {
            owed = true;
        }
        ready();
    }

    @Override
    public void ended(Attempt attempt) {
        Place<Target> place = Objects.requireNonNull(held);
        // Whose clock was first, ours or the caller's, makes no difference to the instance.
        boolean cutOff = attempt instanceof Attempt.Abandoned && deadlinePassed();
        block.router()
                .release(
                        place,
                        cutOff ? new Attempt.Expired("the caller's deadline passed") : attempt);
        if (attempt instanceof Attempt.NotTaken(String detail) && !begun && !isCancelled()) {
            if (avoid.isEmpty()) {
                avoid = new HashSet<>();
            }
            avoid.add(place.instanceId());
            notTaken = "; last: " + detail;
            // The first repetition of what no instance has seen is free.
            if (attempts == 1 || block.router().mayRetry()) {
                next();
            } else {
                fail(
                        Status.UNAVAILABLE,
                        "block %s has used up its retry budget%s".formatted(block.id(), notTaken));
            }
        } else {
            end(place, attempt);
        }
    }

    @Override
    public void cancel() {
        Transport.Flight now;
        FairQueue.Place<Waiting.Call> queued;
        synchronized (this) {
            cancelled = true;
            now = flight;
            queued = waiting;
        }
        if (queued != null) {
            block.router().giveUp(queued);
        } else if (now != null) {
            now.cancel();
        }
    }

    /** The next piece may come when the caller took the one before. */
    @Override
    public void ready() {
        Transport.Flight now;
        synchronized (this) {
            if (!owed || flight == null || !answer.ready()) {
                return;
            }
            owed = false;
            now = flight;
        }
        now.request(1);
    }

    private synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Asks the block's own policy where there is one: it may block, so not on this thread. */
    private void route(Place<Target> place) {
        if (block.balancer().asksPolicy() && !trace.mayAskPolicy()) {
            fly(PolicyRouting.askedEnough(place));
            return;
        }
        if (!block.balancer().asksPolicy()) {
            fly(block.balancer().withoutPolicy(place));
            return;
        }
        try {
            service.policyThreads()
                    .execute(() -> {
                        Place<Target> moved;
                        try {
                            moved = block.balancer().route(block.router(), place, packet, avoid);
                        } catch (RuntimeException e) {
                            block.router().release(place, new Attempt.Abandoned());
                            fail(Status.INTERNAL, "executor: " + e);
                            return;
                        }
                        fly(moved);
                    });
        } catch (RejectedExecutionException e) {
            block.router().release(place, new Attempt.Abandoned());
            fail(Status.UNAVAILABLE, "this executor stops");
        }
    }

    private void fly(Place<Target> place) {
        held = place;
        trace.handedOver(service.clock().instant(), place.routing());
        Duration limit = limit();
        if (isCancelled() || !limit.isPositive()) {
            // Never begun: it says nothing of the instance.
            block.router().release(place, new Attempt.Abandoned());
            end(
                    place,
                    limit.isPositive()
                            ? new Attempt.Abandoned()
                            : new Attempt.Expired("not begun"));
            return;
        }
        int number = attempts;
        Transport.Flight begunNow;
        try {
            begunNow =
                    place.instance()
                            .transport
                            .start(new Transport.Work(packet, stream, limit), this);
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("event", trace.eventId()).setCause(e).log("no attempt");
            ended(new Attempt.NotTaken("no attempt: " + e));
            return;
        }
        boolean late;
        synchronized (this) {
            // It may have ended already, and another one be under way.
            if (number == attempts) {
                flight = begunNow;
                owed = stream;
            }
            late = cancelled;
        }
        if (late) {
            begunNow.cancel();
        } else if (stream) {
            ready();
        }
    }

    private Duration limit() {
        Duration ours = service.attemptLimit();
        Duration theirs = left();
        return theirs != null && theirs.compareTo(ours) < 0 ? theirs : ours;
    }

    /** Until the caller's deadline; null when it has none. */
    private @Nullable Duration left() {
        return deadlineNanos == null ? null : Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    private void end(Place<Target> place, Attempt attempt) {
        switch (attempt) {
            case Attempt.Answered answered -> complete(place.instanceId(), answered);
            case Attempt.Refused(Status status) ->
                    fail(status, place.instanceId() + ": " + status.getDescription());
            case Attempt.Lost(String detail) ->
                    fail(
                            Status.UNAVAILABLE,
                            "instance %s was lost while it had the task: %s"
                                    .formatted(place.instanceId(), detail));
            case Attempt.NotTaken(String detail) -> fail(Status.UNAVAILABLE, detail);
            case Attempt.Expired(String detail) ->
                    expire(
                            deadlinePassed()
                                    ? "the caller's deadline passed: " + detail
                                    : "no answer within %d s: %s"
                                            .formatted(service.attemptLimit().toSeconds(), detail));
            case Attempt.Abandoned() -> {
                if (deadlinePassed()) {
                    expire("the caller's deadline passed");
                } else if (isCancelled()) {
                    fail(Status.CANCELLED, "the caller went away");
                } else {
                    fail(Status.UNAVAILABLE, "this executor stops");
                }
            }
        }
    }

    private void complete(String instanceId, Attempt.Answered answered) {
        Ending ending = Ending.completed(answered.inputTokens(), answered.outputTokens());
        if (stream) {
            ended(ending, block.storesPredictions() ? packet.withData(streamed) : null);
            answer.last(PredictMessages.streamEnd(instanceId, answered));
        } else {
            ByteString output = packet.withData(answered.data());
            ended(ending, block.storesPredictions() ? output : null);
            answer.last(PredictMessages.response(instanceId, output, answered));
        }
    }

    private void ended(Ending ending, @Nullable ByteString output) {
        if (output != null && output.size() > PacketRecords.MAX_BYTES) {
            LOG.atWarn()
                    .addKeyValue("event", trace.eventId())
                    .addKeyValue("bytes", output.size())
                    .addKeyValue("limit", PacketRecords.MAX_BYTES)
                    .log("output is not stored: larger than a record of the log");
            service.ended(block, packet, trace, ending, null);
        } else {
            service.ended(block, packet, trace, ending, output);
        }
    }

    private boolean deadlinePassed() {
        return deadlineNanos != null
                && deadlineNanos - System.nanoTime() < DEADLINE_SLACK.toNanos();
    }

    private void expire(String reason) {
        ended(Ending.expired(reason), null);
        answer.refuse(Status.DEADLINE_EXCEEDED.withDescription(reason));
    }

    private void fail(Status status, String reason) {
        ended(Ending.failed(status.getCode() + ": " + reason), null);
        answer.refuse(status.withDescription(reason));
    }

    /** Refuses what would only wait in vain, and says when to come again. */
    private void shed(String reason, Duration retryAfter) {
        ended(Ending.failed(Status.Code.RESOURCE_EXHAUSTED + ": " + reason), null);
        answer.refuse(
                Status.RESOURCE_EXHAUSTED.withDescription(reason), RetryTrailers.of(retryAfter));
    }
}
