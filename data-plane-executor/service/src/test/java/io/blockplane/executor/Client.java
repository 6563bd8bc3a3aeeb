package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Iterator;

/** An application: speaks to an executor as the plain protos say. */
final class Client implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ManagedChannel channel;

    Client(int port) {
        this.channel = NettyChannelBuilder.forTarget("127.0.0.1:" + port).usePlaintext().build();
    }

    static AIOSPacket packet(String sessionId, long seqNo, String data) {
        return AIOSPacket.newBuilder()
                .setSessionId(sessionId)
                .setSeqNo(seqNo)
                .setData(data)
                .setTs(1.5)
                .build();
    }

    /** True as the executor says it. */
    boolean infer(String blockId, AIOSPacket packet) {
        return infer(blockId, packet.toByteString());
    }

    boolean infer(String blockId, ByteString rpcData) {
        return InferenceProxyGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LIMIT)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(block(blockId)))
                .infer(InferenceMessage.newBuilder().setRpcData(rpcData).build())
                .getMessage();
    }

    PredictResponse predict(String blockId, AIOSPacket packet) {
        return predict(blockId, packet, LIMIT);
    }

    PredictResponse predict(String blockId, AIOSPacket packet, Duration deadline) {
        return PredictionGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadline)
                .predict(PredictRequest.newBuilder().setBlockId(blockId).setPacket(packet).build());
    }

    /** The messages of a stream, as they come. */
    Iterator<PredictPiece> stream(String blockId, AIOSPacket packet) {
        return PredictionGrpc.newBlockingStub(channel)
                .withDeadlineAfter(LIMIT)
                .predictStream(
                        PredictRequest.newBuilder().setBlockId(blockId).setPacket(packet).build());
    }

    ManagedChannel channel() {
        return channel;
    }

    /** Metadata that names the block; none for an empty id. */
    static Metadata block(String blockId) {
        Metadata metadata = new Metadata();
        if (!blockId.isEmpty()) {
            metadata.put(
                    Metadata.Key.of("x-service-name", Metadata.ASCII_STRING_MARSHALLER), blockId);
        }
        return metadata;
    }

    /** The status that a call ends with. */
    static Status statusOf(Runnable call) {
        try {
            call.run();
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
