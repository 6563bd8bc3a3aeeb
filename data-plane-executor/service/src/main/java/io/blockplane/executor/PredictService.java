package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.Transport.Attempt;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * {@code Prediction/Predict}: routes a packet at once and returns the answer. Nothing is stored but
 * the task's event, which never holds the answer up. The caller's deadline and cancellation reach
 * the instance through the gRPC context.
 */
final class PredictService {

    /** Attempts for one call, each but the last not taken by its instance. */
    static final int MAX_ATTEMPTS = 3;

    /** Calls at once; more are refused. */
    static final int MAX_CALLS = 4096;

    /**
     * A caller's deadline begins when it sends, ours when the request is here: a caller that
     * cancels this close before ours ran into its own.
     */
    private static final Duration DEADLINE_SLACK = Duration.ofMillis(250);

    private final RequestReader reader;
    private final TaskLog taskLog;
    private final Clock clock;
    private final String source;
    private final String idPrefix;
    private final Duration attemptLimit;
    private final AtomicLong count = new AtomicLong();
    private final Semaphore calls = new Semaphore(MAX_CALLS);

    /**
     * Makes the service.
     *
     * @param incarnation tells this run of the executor from its others
     */
    PredictService(
            RequestReader reader,
            TaskLog taskLog,
            Clock clock,
            String executorId,
            String incarnation,
            Duration attemptLimit) {
        this.reader = reader;
        this.taskLog = taskLog;
        this.clock = clock;
        this.source = "/executor/" + executorId;
        this.idPrefix = executorId + "-" + incarnation + "-";
        this.attemptLimit = attemptLimit;
    }

    /** Answers one packet. Blocks until there is an answer; to be called in the call's context. */
    GrpcApi.Reply<PredictResponse> predict(byte[] message, @Nullable String serviceName) {
        return switch (reader.predict(message, serviceName)) {
            case RequestReader.Request.Refused(Status status) ->
                    new GrpcApi.Reply.Refused<>(status);
            case RequestReader.Request.Valid(Block block, AIOSPacket packet, ByteString _) ->
                    bounded(block, packet);
        };
    }

    private GrpcApi.Reply<PredictResponse> bounded(Block block, AIOSPacket packet) {
        if (!calls.tryAcquire()) {
            return refused(
                    Status.RESOURCE_EXHAUSTED, MAX_CALLS + " calls of Predict are under way");
        }
        try {
            TaskTrace trace =
                    new TaskTrace(
                            source,
                            block.id(),
                            idPrefix + count.incrementAndGet(),
                            Entry.PREDICT,
                            packet,
                            clock.instant(),
                            null);
            Done done = process(block, packet, trace);
            taskLog.submit(
                    now -> new TaskLog.Entry(trace.finished(now, done.ending()), null, null));
            return done.reply();
        } finally {
            calls.release();
        }
    }

    private record Done(Ending ending, GrpcApi.Reply<PredictResponse> reply) {}

    private Done process(Block block, AIOSPacket packet, TaskTrace trace) {
        PacketFacts facts = new PacketFacts(packet.getSessionId(), packet.getSeqNo());
        Set<String> avoid = new HashSet<>();
        String notTaken = "";
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            switch (block.router().tryAcquire(facts, avoid)) {
                case Router.Pick.NoInstance() -> {
                    return failed(
                            Status.UNAVAILABLE,
                            "block "
                                    + block.id()
                                    + " has no instance that takes tasks now"
                                    + notTaken);
                }
                case Router.Pick.AllBusy() -> {
                    return failed(
                            Status.RESOURCE_EXHAUSTED,
                            "each instance of block %s has %d tasks"
                                    .formatted(block.id(), Router.MAX_OUTSTANDING_PER_INSTANCE));
                }
                case Router.Pick.Picked(Router.Lease place) -> {
                    Router.Lease lease =
                            block.balancer().route(block.router(), place, packet, avoid);
                    Attempt attempt = attempt(block, lease, packet, trace);
                    if (!(attempt instanceof Attempt.NotTaken(String detail))) {
                        return done(lease, packet, attempt);
                    }
                    avoid.add(lease.instanceId());
                    notTaken = "; last: " + detail;
                }
            }
        }
        return failed(
                Status.UNAVAILABLE,
                "%d instances of block %s did not take the task%s"
                        .formatted(MAX_ATTEMPTS, block.id(), notTaken));
    }

    private Attempt attempt(Block block, Router.Lease lease, AIOSPacket packet, TaskTrace trace) {
        Attempt attempt = new Attempt.Abandoned();
        trace.handedOver(clock.instant(), lease.routing());
        try {
            attempt = lease.transport().attempt(packet, attemptLimit);
        } finally {
            block.router().release(lease, attempt);
        }
        return attempt;
    }

    private Done done(Router.Lease lease, AIOSPacket packet, Attempt attempt) {
        return switch (attempt) {
            case Attempt.Answered(String data, long inputTokens, long outputTokens) ->
                    new Done(
                            Ending.completed(inputTokens, outputTokens),
                            new GrpcApi.Reply.Answer<>(
                                    PredictResponse.newBuilder()
                                            .setPacket(packet.toBuilder().setData(data))
                                            .setInstanceId(lease.instanceId())
                                            .setInputTokens(inputTokens)
                                            .setOutputTokens(outputTokens)
                                            .build()));
            case Attempt.Refused(Status status) ->
                    failed(status, lease.instanceId() + ": " + status.getDescription());
            case Attempt.Lost(String detail) ->
                    failed(
                            Status.UNAVAILABLE,
                            "instance %s was lost while it had the task: %s"
                                    .formatted(lease.instanceId(), detail));
            case Attempt.NotTaken(String detail) -> failed(Status.UNAVAILABLE, detail);
            case Attempt.Expired(String detail) ->
                    deadlinePassed()
                            ? expired("the caller's deadline passed: " + detail)
                            : expired(
                                    "no answer within %d s: %s"
                                            .formatted(attemptLimit.toSeconds(), detail));
            case Attempt.Abandoned() -> {
                if (deadlinePassed()) {
                    yield expired("the caller's deadline passed");
                }
                yield Context.current().isCancelled()
                        ? failed(Status.CANCELLED, "the caller went away")
                        : failed(Status.UNAVAILABLE, "this executor stops");
            }
        };
    }

    private static boolean deadlinePassed() {
        Deadline callers = Context.current().getDeadline();
        return callers != null
                && callers.timeRemaining(TimeUnit.MILLISECONDS) < DEADLINE_SLACK.toMillis();
    }

    private static Done expired(String reason) {
        return new Done(Ending.expired(reason), refused(Status.DEADLINE_EXCEEDED, reason));
    }

    private static Done failed(Status status, String reason) {
        return new Done(Ending.failed(status.getCode() + ": " + reason), refused(status, reason));
    }

    private static GrpcApi.Reply<PredictResponse> refused(Status status, String reason) {
        return new GrpcApi.Reply.Refused<>(status.withDescription(reason));
    }
}
