package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * {@code Prediction/Predict} and {@code PredictStream}: route a packet at once and return the
 * answer. Nothing is stored but the task's event, and the output when the block asks for it;
 * neither holds the answer up. The caller's deadline and cancellation reach the instance.
 */
final class PredictService {

    /** Calls at once; more are refused. */
    static final int MAX_CALLS = 4096;

    private final RequestReader reader;
    private final TaskLog taskLog;
    private final Clock clock;
    private final Executor policyThreads;
    private final String source;
    private final String idPrefix;
    private final Duration attemptLimit;
    private final AtomicLong count = new AtomicLong();
    private final Semaphore calls = new Semaphore(MAX_CALLS);

    /**
     * Makes the service.
     *
     * @param policyThreads may block: where a block's own policy is asked
     * @param incarnation tells this run of the executor from its others
     */
    PredictService(
            RequestReader reader,
            TaskLog taskLog,
            Clock clock,
            Executor policyThreads,
            String executorId,
            String incarnation,
            Duration attemptLimit) {
        this.reader = reader;
        this.taskLog = taskLog;
        this.clock = clock;
        this.policyThreads = policyThreads;
        this.source = "/executor/" + executorId;
        this.idPrefix = executorId + "-" + incarnation + "-";
        this.attemptLimit = attemptLimit;
    }

    /** Answers one packet with one message. */
    CallHandler.Running predict(
            byte[] message, @Nullable String serviceName, CallHandler.Answer answer) {
        return begin(message, serviceName, /* stream= */ false, answer);
    }

    /** Answers one packet in pieces. */
    CallHandler.Running stream(
            byte[] message, @Nullable String serviceName, CallHandler.Answer answer) {
        return begin(message, serviceName, /* stream= */ true, answer);
    }

    private CallHandler.Running begin(
            byte[] message,
            @Nullable String serviceName,
            boolean stream,
            CallHandler.Answer answer) {
        return switch (reader.predict(message, serviceName)) {
            case RequestReader.Request.Refused(Status status) -> {
                answer.refuse(status);
                yield CallHandler.Running.NONE;
            }
            case RequestReader.Request.Valid(Block block, Packet packet) ->
                    begin(block, packet, stream, answer);
        };
    }

    private CallHandler.Running begin(
            Block block, Packet packet, boolean stream, CallHandler.Answer answer) {
        if (!calls.tryAcquire()) {
            answer.refuse(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            MAX_CALLS + " calls of Predict are under way"),
                    RetryTrailers.of(block.router().retryAfter()));
            return CallHandler.Running.NONE;
        }
        TaskTrace trace =
                new TaskTrace(
                        source,
                        block.id(),
                        idPrefix + count.incrementAndGet(),
                        Entry.PREDICT,
                        packet,
                        clock.instant(),
                        null);
        PredictCall call =
                new PredictCall(
                        block,
                        packet,
                        stream,
                        answer,
                        trace,
                        new Surroundings(),
                        callersDeadline());
        call.next();
        return call;
    }

    /** {@link System#nanoTime} of the caller's deadline; null when it has none. */
    private static @Nullable Long callersDeadline() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null
                ? null
                : System.nanoTime() + deadline.timeRemaining(TimeUnit.NANOSECONDS);
    }

    /** What a call needs of its service. */
    final class Surroundings {

        private Surroundings() {}

        Clock clock() {
            return clock;
        }

        Duration attemptLimit() {
            return attemptLimit;
        }

        Executor policyThreads() {
            return policyThreads;
        }

        /**
         * The call has come to its end.
         *
         * @param stored the packet with its output, for a block that wants it in the log
         */
        void ended(
                Block block,
                Packet packet,
                TaskTrace trace,
                TaskTrace.Ending ending,
                @Nullable ByteString stored) {
            taskLog.submit(now ->
                    new TaskLog.Entry(
                            trace.finished(now, ending),
                            stored == null
                                    ? null
                                    : PacketRecords.processed(
                                            "out-" + trace.eventId(),
                                            source,
                                            now,
                                            block.id(),
                                            trace.eventId(),
                                            packet,
                                            stored),
                            null));
            calls.release();
        }
    }
}
