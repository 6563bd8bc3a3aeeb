package io.blockplane.cli.client;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.aios.InferenceRespose;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Inference over gRPC, both ways: {@code infer} (durable, answered by a boolean) and {@code
 * Predict} (the answer).
 */
public final class InferenceClient implements AutoCloseable {

    /** Names the block when an executor serves several. */
    public static final Metadata.Key<String> SERVICE_NAME =
            Metadata.Key.of("x-service-name", Metadata.ASCII_STRING_MARSHALLER);

    private static final int MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    private final ManagedChannel channel;
    private final InferenceProxyGrpc.InferenceProxyFutureStub proxy;
    private final PredictionGrpc.PredictionFutureStub prediction;
    private final String blockId;

    public InferenceClient(String target, String blockId) {
        this.blockId = blockId;
        this.channel =
                NettyChannelBuilder.forTarget(target)
                        .usePlaintext()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .build();
        Metadata metadata = new Metadata();
        metadata.put(SERVICE_NAME, blockId);
        this.proxy =
                InferenceProxyGrpc.newFutureStub(channel)
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
        this.prediction = PredictionGrpc.newFutureStub(channel);
    }

    /** Hands a packet over; completes with true when it is durable. */
    public CompletableFuture<Boolean> infer(AIOSPacket packet, long timeoutMs) {
        return completable(
                        proxy.withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
                                .infer(
                                        InferenceMessage.newBuilder()
                                                .setRpcData(packet.toByteString())
                                                .build()))
                .thenApply(InferenceRespose::getMessage);
    }

    /** Asks and waits for the answer. */
    public CompletableFuture<PredictResponse> predict(AIOSPacket packet, long timeoutMs) {
        return completable(
                prediction
                        .withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
                        .predict(
                                PredictRequest.newBuilder()
                                        .setBlockId(blockId)
                                        .setPacket(packet)
                                        .build()));
    }

    @Override
    public void close() {
        channel.shutdown();
        try {
            if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static <T> CompletableFuture<T> completable(ListenableFuture<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Futures.addCallback(
                call,
                new FutureCallback<T>() {
                    @Override
                    public void onSuccess(T answer) {
                        future.complete(answer);
                    }

                    @Override
                    public void onFailure(Throwable error) {
                        future.completeExceptionally(error);
                    }
                },
                MoreExecutors.directExecutor());
        return future;
    }
}
