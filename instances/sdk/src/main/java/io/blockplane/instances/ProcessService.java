package io.blockplane.instances;

import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.blockplane.proto.instance.v1.Usage;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executor's protocol in front of an {@link Instance}: a bounded queue and its workers. */
final class ProcessService extends InstanceGrpc.InstanceImplBase {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessService.class);

    private final InstanceArguments arguments;
    private final Instance instance;
    private final ExecutorService workers;

    /**
     * Makes the service.
     *
     * @param workers run the tasks; rejects what it has no place for
     */
    ProcessService(InstanceArguments arguments, Instance instance, ExecutorService workers) {
        this.arguments = arguments;
        this.instance = instance;
        this.workers = workers;
    }

    @Override
    public void process(ProcessRequest request, StreamObserver<ProcessResponse> responses) {
        ServerCallStreamObserver<ProcessResponse> call =
                (ServerCallStreamObserver<ProcessResponse>) responses;
        // With a handler set, answering a call that was cancelled is no error.
        call.setOnCancelHandler(() -> {});
        if (!request.getBlockId().equals(arguments.blockId())) {
            // A port that another process had before: the caller's address is out of date.
            refuse(
                    call,
                    Status.UNAVAILABLE,
                    "block_id: %s (expected: %s, the block of instance %s)"
                            .formatted(
                                    request.getBlockId(),
                                    arguments.blockId(),
                                    arguments.instanceId()));
            return;
        }
        try {
            workers.execute(Context.current().wrap(() -> work(request.getPacket(), call)));
        } catch (RejectedExecutionException e) {
            refuse(
                    call,
                    Status.UNAVAILABLE,
                    "instance %s takes no more: %d tasks wait"
                            .formatted(arguments.instanceId(), InstanceServer.MAX_WAITING));
        }
    }

    private void work(AIOSPacket packet, ServerCallStreamObserver<ProcessResponse> call) {
        if (call.isCancelled()) {
            return;
        }
        try {
            switch (instance.process(packet)) {
                case Result.Output output -> answer(packet, output, call);
                case Result.InvalidInput invalid ->
                        refuse(call, Status.INVALID_ARGUMENT, invalid.message());
            }
        } catch (RuntimeException | Error e) {
            LOG.atError()
                    .addKeyValue("instanceId", arguments.instanceId())
                    .addKeyValue("sessionId", packet.getSessionId())
                    .addKeyValue("seqNo", Long.toUnsignedString(packet.getSeqNo()))
                    .setCause(e)
                    .log("instance failed to process a packet");
            refuse(call, Status.INTERNAL, "instance " + arguments.instanceId() + ": " + e);
        }
    }

    private static void answer(
            AIOSPacket packet,
            Result.Output output,
            ServerCallStreamObserver<ProcessResponse> call) {
        call.onNext(
                ProcessResponse.newBuilder()
                        .setPacket(packet.toBuilder().setData(output.data()))
                        .setUsage(
                                Usage.newBuilder()
                                        .setInputTokens(output.inputTokens())
                                        .setOutputTokens(output.outputTokens()))
                        .build());
        call.onCompleted();
    }

    private static void refuse(
            ServerCallStreamObserver<ProcessResponse> call, Status status, String message) {
        call.onError(status.withDescription(message).asRuntimeException());
    }
}
