package io.blockplane.instances;

import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.ProcessPiece;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.blockplane.proto.instance.v1.Usage;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call with its packet: how the instance is asked and the caller answered. */
abstract class Task {

    private static final Logger LOG = LoggerFactory.getLogger(Task.class);

    private final AIOSPacket packet;
    private final ServerCallStreamObserver<?> call;

    private Task(AIOSPacket packet, ServerCallStreamObserver<?> call) {
        this.packet = packet;
        this.call = call;
    }

    abstract Result ask(long takenNanos);

    abstract void answer(Result.Output output);

    boolean isCancelled() {
        return call.isCancelled();
    }

    /**
     * What was done, and the reply that is still to be sent: after the work was counted, so that
     * whoever has an answer finds it in the counts.
     */
    record Done(String outcome, Runnable reply) {}

    /** Does it. */
    Done run(String instanceId, long takenNanos, InstanceMetrics metrics) {
        try {
            return switch (ask(takenNanos)) {
                case Result.Output output -> {
                    metrics.used(output);
                    yield new Done("completed", () -> answer(output));
                }
                case Result.InvalidInput invalid ->
                        new Done(
                                "invalid",
                                () -> refuse(call, Status.INVALID_ARGUMENT, invalid.message()));
            };
        } catch (RuntimeException | Error e) {
            LOG.atError()
                    .addKeyValue("instanceId", instanceId)
                    .addKeyValue("sessionId", packet.getSessionId())
                    .addKeyValue("seqNo", Long.toUnsignedString(packet.getSeqNo()))
                    .setCause(e)
                    .log("instance failed to process a packet");
            return new Done(
                    "failed",
                    () -> refuse(call, Status.INTERNAL, "instance " + instanceId + ": " + e));
        }
    }

    static void refuse(ServerCallStreamObserver<?> call, Status status, String message) {
        call.onError(status.withDescription(message).asRuntimeException());
    }

    private static Usage usage(Result.Output output) {
        return Usage.newBuilder()
                .setInputTokens(output.inputTokens())
                .setOutputTokens(output.outputTokens())
                .build();
    }

    /** One answer. */
    static final class Whole extends Task {

        private final AIOSPacket packet;
        private final Instance instance;
        private final ServerCallStreamObserver<ProcessResponse> call;

        Whole(
                AIOSPacket packet,
                Instance instance,
                ServerCallStreamObserver<ProcessResponse> call) {
            super(packet, call);
            this.packet = packet;
            this.instance = instance;
            this.call = call;
        }

        @Override
        Result ask(long takenNanos) {
            return instance.process(packet);
        }

        @Override
        void answer(Result.Output output) {
            call.onNext(
                    ProcessResponse.newBuilder()
                            .setPacket(packet.toBuilder().setData(output.data()))
                            .setUsage(usage(output))
                            .build());
            call.onCompleted();
        }
    }

    /** The output in pieces. */
    static final class Streamed extends Task {

        /** Looks again, in case a word of the call was missed. */
        private static final long LOOK_MS = 100;

        private final AIOSPacket packet;
        private final Instance instance;
        private final ServerCallStreamObserver<ProcessPiece> call;
        private final InstanceMetrics metrics;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition moved = lock.newCondition();
        private boolean begun;

        Streamed(
                AIOSPacket packet,
                Instance instance,
                ServerCallStreamObserver<ProcessPiece> call,
                InstanceMetrics metrics) {
            super(packet, call);
            this.packet = packet;
            this.instance = instance;
            this.call = call;
            this.metrics = metrics;
        }

        @Override
        Result ask(long takenNanos) {
            return instance.stream(packet, delta -> send(delta, takenNanos));
        }

        @Override
        void answer(Result.Output output) {
            call.onNext(
                    ProcessPiece.newBuilder()
                            .setDelta(output.data())
                            .setUsage(usage(output))
                            .build());
            call.onCompleted();
        }

        /** The caller can take more, or has gone. */
        void callMoved() {
            lock.lock();
            try {
                moved.signalAll();
            } finally {
                lock.unlock();
            }
        }

        private boolean send(String delta, long takenNanos) {
            if (!awaitReady()) {
                return false;
            }
            if (!begun) {
                begun = true;
                metrics.firstPiece(System.nanoTime() - takenNanos);
            }
            call.onNext(ProcessPiece.newBuilder().setDelta(delta).build());
            return true;
        }

        private boolean awaitReady() {
            lock.lock();
            try {
                while (!call.isReady() && !call.isCancelled()) {
                    var _ = moved.await(LOOK_MS, TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                lock.unlock();
            }
            return !call.isCancelled();
        }
    }
}
