package io.blockplane.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.StreamEnd;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
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
final class PredictCall implements CallHandler.Running, Transport.Listener {

    /** Attempts for one call, each but the last not taken by its instance. */
    static final int MAX_ATTEMPTS = 3;

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
    private Router.@Nullable Lease lease;

    // Under this object's lock.
    private Transport.@Nullable Flight flight;
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
        if (attempts == MAX_ATTEMPTS) {
            fail(
                    Status.UNAVAILABLE,
                    "%d instances of block %s did not take the task%s"
                            .formatted(MAX_ATTEMPTS, block.id(), notTaken));
            return;
        }
        attempts++;
        switch (block.router().tryAcquire(facts, avoid)) {
            case Router.Pick.NoInstance() ->
                    fail(
                            Status.UNAVAILABLE,
                            "block %s has no instance that takes tasks now%s"
                                    .formatted(block.id(), notTaken));
            case Router.Pick.AllBusy() ->
                    fail(
                            Status.RESOURCE_EXHAUSTED,
                            "each instance of block %s has %d tasks"
                                    .formatted(block.id(), Router.MAX_OUTSTANDING_PER_INSTANCE));
            case Router.Pick.Picked(Router.Lease place) -> route(place);
        }
    }

    @Override
    public void piece(ByteString text) {
        begun = true;
        if (block.storesPredictions()) {
            streamed = streamed.concat(text);
        }
        answer.piece(delta(text));
        synchronized (this) {
            owed = true;
        }
        ready();
    }

    @Override
    public void ended(Attempt attempt) {
        Router.Lease place = Objects.requireNonNull(lease);
        block.router().release(place, attempt);
        if (attempt instanceof Attempt.NotTaken(String detail) && !begun && !isCancelled()) {
            if (avoid.isEmpty()) {
                avoid = new HashSet<>();
            }
            avoid.add(place.instanceId());
            notTaken = "; last: " + detail;
            next();
        } else {
            end(place, attempt);
        }
    }

    @Override
    public void cancel() {
        Transport.Flight now;
        synchronized (this) {
            cancelled = true;
            now = flight;
        }
        if (now != null) {
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
    private void route(Router.Lease place) {
        if (!block.balancer().asksPolicy()) {
            fly(block.balancer().route(block.router(), place, packet, avoid));
            return;
        }
        try {
            service.policyThreads()
                    .execute(() -> {
                        Router.Lease moved;
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

    private void fly(Router.Lease place) {
        lease = place;
        trace.handedOver(service.clock().instant(), place.routing());
        Duration limit = limit();
        if (isCancelled() || !limit.isPositive()) {
            ended(limit.isPositive() ? new Attempt.Abandoned() : new Attempt.Expired("not begun"));
            return;
        }
        int number = attempts;
        Transport.Flight begunNow =
                place.transport().start(new Transport.Work(packet, stream, limit), this);
        boolean late;
        synchronized (this) {
            // It may have ended already, and another one be under way.
            if (number == attempts) {
                flight = begunNow;
            }
            late = cancelled;
            owed = stream;
        }
        if (late) {
            begunNow.cancel();
        } else if (stream) {
            ready();
        }
    }

    private Duration limit() {
        Duration ours = service.attemptLimit();
        if (deadlineNanos == null) {
            return ours;
        }
        Duration theirs = Duration.ofNanos(deadlineNanos - System.nanoTime());
        return theirs.compareTo(ours) < 0 ? theirs : ours;
    }

    private void end(Router.Lease place, Attempt attempt) {
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
            answer.last(streamEnd(instanceId, answered));
        } else {
            ByteString output = packet.withData(answered.data());
            ended(ending, block.storesPredictions() ? output : null);
            answer.last(response(instanceId, output, answered));
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

    private static byte[] delta(ByteString text) {
        return message(
                CodedOutputStream.computeBytesSize(PredictPiece.DELTA_FIELD_NUMBER, text),
                out -> out.writeBytes(PredictPiece.DELTA_FIELD_NUMBER, text));
    }

    private static byte[] streamEnd(String instanceId, Attempt.Answered answered) {
        return PredictPiece.newBuilder()
                .setEnd(
                        StreamEnd.newBuilder()
                                .setInstanceId(instanceId)
                                .setInputTokens(answered.inputTokens())
                                .setOutputTokens(answered.outputTokens()))
                .build()
                .toByteArray();
    }

    private static byte[] response(
            String instanceId, ByteString output, Attempt.Answered answered) {
        PredictResponse rest =
                PredictResponse.newBuilder()
                        .setInstanceId(instanceId)
                        .setInputTokens(answered.inputTokens())
                        .setOutputTokens(answered.outputTokens())
                        .build();
        return message(
                CodedOutputStream.computeBytesSize(PredictResponse.PACKET_FIELD_NUMBER, output)
                        + rest.getSerializedSize(),
                out -> {
                    out.writeBytes(PredictResponse.PACKET_FIELD_NUMBER, output);
                    rest.writeTo(out);
                });
    }

    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] message(int size, Fields fields) {
        byte[] bytes = new byte[size];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes;
    }
}
