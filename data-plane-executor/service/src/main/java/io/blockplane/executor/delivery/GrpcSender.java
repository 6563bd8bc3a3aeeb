package io.blockplane.executor.delivery;

import com.google.protobuf.UnsafeByteOperations;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives results to another block, by infer. The block is named by each call, never by the channel.
 */
final class GrpcSender implements Sender {

    static final Duration CALL_LIMIT = Duration.ofSeconds(15);

    private static final Metadata.Key<String> SERVICE_NAME =
            Metadata.Key.of("x-service-name", Metadata.ASCII_STRING_MARSHALLER);

    private final ManagedChannel channel;

    /**
     * Makes the way; connects when there is something to send.
     *
     * @throws IllegalArgumentException when the target is no {@code name:port}
     */
    GrpcSender(String target) {
        this.channel =
                NettyChannelBuilder.forTarget(dns(target))
                        .usePlaintext()
                        // What to try again is decided above.
                        .disableRetry()
                        .build();
    }

    /** As a URI: {@code unix:80} is a host here, and not the scheme that gRPC would take it for. */
    private static String dns(String target) {
        try {
            return new URI("dns", "", "/" + target, null).toString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("target: " + target + " (expected: name:port)", e);
        }
    }

    @Override
    public List<Sent> send(List<Delivery.Part> parts) {
        List<Sent> sent = new ArrayList<>();
        for (Delivery.Part part : parts) {
            Sent one = send(part);
            sent.add(one);
            if (one instanceof Sent.Again) {
                break;
            }
        }
        while (sent.size() < parts.size()) {
            sent.add(new Sent.Again("not sent: the one before it did not arrive"));
        }
        return sent;
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private Sent send(Delivery.Part part) {
        if (!(part.destination() instanceof Destination.Block block)) {
            throw new IllegalStateException(part.destination() + " is no block");
        }
        InferenceMessage message =
                InferenceMessage.newBuilder()
                        .setRpcData(UnsafeByteOperations.unsafeWrap(part.delivery().packet()))
                        .build();
        try {
            boolean accepted =
                    InferenceProxyGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(CALL_LIMIT)
                            .withInterceptors(
                                    MetadataUtils.newAttachHeadersInterceptor(metadata(block)))
                            .infer(message)
                            .getMessage();
            return accepted ? new Sent.Delivered() : new Sent.Again("it answered false");
        } catch (StatusRuntimeException e) {
            return sent(e.getStatus());
        }
    }

    private static Metadata metadata(Destination.Block block) {
        Metadata metadata = new Metadata();
        if (!block.blockId().isEmpty()) {
            metadata.put(SERVICE_NAME, block.blockId());
        }
        return metadata;
    }

    private Sent sent(Status status) {
        String detail = status.getCode() + ": " + status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE -> {
                // The next attempt is not to wait for a back-off of the channel.
                channel.resetConnectBackoff();
                yield new Sent.Again(detail);
            }
            // INTERNAL and UNKNOWN: what servers of AIOSv1 say when their Redis is away.
            case DEADLINE_EXCEEDED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    CANCELLED,
                    INTERNAL,
                    UNKNOWN,
                    NOT_FOUND ->
                    new Sent.Again(detail);
            case OK,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    new Sent.Never(detail);
        };
    }
}
