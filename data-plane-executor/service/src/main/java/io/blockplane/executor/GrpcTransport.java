package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** {@code grpc}: our instance protocol, one connection per instance. */
final class GrpcTransport implements Transport {

    /** The largest packet is 64 MiB; a message has room for what is around it. */
    static final int MAX_MESSAGE_BYTES = 65 * 1024 * 1024;

    static final String NAME = "grpc";

    private static final int MAX_DETAIL_CHARS = 500;

    private final String blockId;
    private final String target;
    private final ManagedChannel channel;

    private GrpcTransport(String blockId, String target, ManagedChannel channel) {
        this.blockId = blockId;
        this.target = target;
        this.channel = channel;
    }

    static GrpcTransport open(String blockId, InstanceAddress address) {
        if (!address.transport().equals(NAME)) {
            throw new IllegalArgumentException(
                    "transport: " + address.transport() + " (expected: " + NAME + ")");
        }
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(address.target())
                        .usePlaintext()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        // What to try again, and where, is decided above.
                        .disableRetry()
                        // Instances are neighbours; a proxy for the world is not for them.
                        .proxyDetector(_ -> null)
                        .build();
        return new GrpcTransport(blockId, address.target(), channel);
    }

    @Override
    public Attempt attempt(AIOSPacket packet, Duration limit) {
        Journey journey = new Journey();
        ProcessRequest request =
                ProcessRequest.newBuilder().setBlockId(blockId).setPacket(packet).build();
        try {
            ProcessResponse response =
                    ClientCalls.blockingUnaryCall(
                            channel,
                            InstanceGrpc.getProcessMethod(),
                            CallOptions.DEFAULT
                                    .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
                                    .withStreamTracerFactory(journey),
                            request);
            return new Attempt.Answered(
                    response.getPacket().getData(),
                    response.getUsage().getInputTokens(),
                    response.getUsage().getOutputTokens());
        } catch (StatusRuntimeException e) {
            return failed(e.getStatus(), journey);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private Attempt failed(Status status, Journey journey) {
        if (Thread.currentThread().isInterrupted()) {
            return new Attempt.Abandoned();
        }
        return switch (status.getCode()) {
            case UNAVAILABLE -> {
                // The next attempt, whenever it comes, is not to wait for a back-off of the
                // channel.
                channel.resetConnectBackoff();
                yield journey.sent && !journey.answered
                        ? new Attempt.Lost(detail(status))
                        : new Attempt.NotTaken(detail(status));
            }
            case DEADLINE_EXCEEDED -> new Attempt.Expired(detail(status));
            // Not answered by the instance and not wanted by us: its process was cut off.
            case CANCELLED ->
                    Context.current().isCancelled()
                            ? new Attempt.Abandoned()
                            : new Attempt.Lost(detail(status));
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    DATA_LOSS,
                    UNAUTHENTICATED ->
                    new Attempt.Refused(status.withDescription(shortened(status)));
        };
    }

    private String detail(Status status) {
        return target + ": " + status.getCode() + ": " + shortened(status);
    }

    private static String shortened(Status status) {
        String description = status.getDescription();
        if (description == null) {
            return "no description";
        }
        return description.length() <= MAX_DETAIL_CHARS
                ? description
                : description.substring(0, MAX_DETAIL_CHARS) + "...";
    }

    /** How far a call came: left this machine, answered by the other side. */
    private static final class Journey extends ClientStreamTracer.Factory {

        private volatile boolean sent;
        private volatile boolean answered;

        @Override
        public ClientStreamTracer newClientStreamTracer(
                ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void outboundHeaders() {
                    sent = true;
                }

                @Override
                public void inboundTrailers(Metadata trailers) {
                    answered = true;
                }
            };
        }
    }
}
