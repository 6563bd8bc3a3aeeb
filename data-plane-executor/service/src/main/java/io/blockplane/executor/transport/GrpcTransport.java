package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.packet.Bytes;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.Wire;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.instance.v1.InstanceGrpc;
import io.blockplane.proto.instance.v1.ProcessPiece;
import io.blockplane.proto.instance.v1.ProcessRequest;
import io.blockplane.proto.instance.v1.ProcessResponse;
import io.blockplane.proto.instance.v1.Usage;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@code grpc}: our instance protocol, one connection per instance. The packet's bytes go into the
 * request as they are, and of the answer only what is needed is read.
 */
public final class GrpcTransport implements Transport {

    public static final String NAME = "grpc";

    /** The largest packet is 64 MiB; a message has room for what is around it. */
    static final int MAX_MESSAGE_BYTES = 65 * 1024 * 1024;

    private static final int MAX_DETAIL_CHARS = 500;
    private static final MethodDescriptor<byte[], byte[]> PROCESS =
            Bytes.of(InstanceGrpc.getProcessMethod());
    private static final MethodDescriptor<byte[], byte[]> PROCESS_STREAM =
            Bytes.of(InstanceGrpc.getProcessStreamMethod());

    private final String blockId;
    private final String target;
    private final ManagedChannel channel;

    private GrpcTransport(String blockId, String target, ManagedChannel channel) {
        this.blockId = blockId;
        this.target = target;
        this.channel = channel;
    }

    /** Opens ways whose work is done on these event loops. */
    public static Transport.Factory on(EventLoops loops) {
        return (blockId, address) -> open(blockId, address, loops);
    }

    private static GrpcTransport open(String blockId, InstanceAddress address, EventLoops loops) {
        if (!address.transport().equals(NAME)) {
            throw new IllegalArgumentException(
                    "transport: " + address.transport() + " (expected: " + NAME + ")");
        }
        ManagedChannel channel =
                loops.on(NettyChannelBuilder.forTarget(address.target()))
                        .usePlaintext()
                        // Nothing here blocks, so a hop to another thread would only cost.
                        .directExecutor()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        // What to try again, and where, is decided above.
                        .disableRetry()
                        // Instances are neighbours; a proxy for the world is not for them.
                        .proxyDetector(_ -> null)
                        .build();
        return new GrpcTransport(blockId, address.target(), channel);
    }

    @Override
    public Flight start(Work work, Listener listener) {
        // Not in the caller's context: its cancellation would reach the instance before it reaches
        // us, and look as if the instance had gone.
        Context callers = Context.ROOT.attach();
        try {
            return begin(work, listener);
        } finally {
            Context.ROOT.detach(callers);
        }
    }

    private Flight begin(Work work, Listener listener) {
        Journey journey = new Journey();
        CallOptions options =
                CallOptions.DEFAULT
                        .withDeadlineAfter(work.limit().toNanos(), TimeUnit.NANOSECONDS)
                        .withStreamTracerFactory(journey);
        ClientCall<byte[], byte[]> call =
                channel.newCall(work.stream() ? PROCESS_STREAM : PROCESS, options);
        GrpcFlight flight = new GrpcFlight(call, journey, work.stream(), listener);
        call.start(flight, new Metadata());
        if (!work.stream()) {
            // One more than a single answer has, so that a second one is noticed.
            call.request(2);
        }
        call.sendMessage(request(work.packet()));
        call.halfClose();
        return flight;
    }

    @Override
    public void probe(Consumer<Probed> listener) {
        // Not in the caller's context: a probe outlives the call that it was sent after.
        Context.ROOT.run(() -> GrpcProbe.send(channel, listener));
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private byte[] request(Packet packet) {
        int size =
                CodedOutputStream.computeStringSize(ProcessRequest.BLOCK_ID_FIELD_NUMBER, blockId)
                        + CodedOutputStream.computeBytesSize(
                                ProcessRequest.PACKET_FIELD_NUMBER, packet.bytes());
        byte[] message = new byte[size];
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(message);
            out.writeString(ProcessRequest.BLOCK_ID_FIELD_NUMBER, blockId);
            out.writeBytes(ProcessRequest.PACKET_FIELD_NUMBER, packet.bytes());
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return message;
    }

    /** One call and what is heard of it. Its callbacks come one at a time. */
    private final class GrpcFlight extends ClientCall.Listener<byte[]> implements Flight {

        private final ClientCall<byte[], byte[]> call;
        private final Journey journey;
        private final boolean stream;
        private final Listener listener;
        private final Reading reading = new Reading();
        private volatile boolean cancelled;

        private GrpcFlight(
                ClientCall<byte[], byte[]> call,
                Journey journey,
                boolean stream,
                Listener listener) {
            this.call = call;
            this.journey = journey;
            this.stream = stream;
            this.listener = listener;
        }

        @Override
        public void request(int pieces) {
            if (stream) {
                call.request(pieces);
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            call.cancel("given up", null);
        }

        @Override
        public void onMessage(byte[] message) {
            try {
                if (stream) {
                    reading.piece(message);
                    if (!reading.data.isEmpty()) {
                        listener.piece(reading.data);
                    } else {
                        // Nothing to hand on, so what was asked for is still to come.
                        call.request(1);
                    }
                } else {
                    reading.response(message);
                }
            } catch (IOException e) {
                reading.broken = e.getMessage();
                call.cancel("answer can't be read", e);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            listener.ended(ending(status));
        }

        private Attempt ending(Status status) {
            if (reading.broken != null) {
                return new Attempt.Refused(
                        Status.INTERNAL.withDescription(
                                "the answer can't be read: " + reading.broken));
            }
            if (!status.isOk()) {
                return failed(status, journey, cancelled);
            }
            if (!reading.any) {
                return new Attempt.Refused(Status.INTERNAL.withDescription("OK without an answer"));
            }
            return new Attempt.Answered(
                    stream ? ByteString.EMPTY : reading.data,
                    reading.inputTokens,
                    reading.outputTokens);
        }
    }

    private Attempt failed(Status status, Journey journey, boolean cancelled) {
        if (cancelled) {
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
            case CANCELLED -> new Attempt.Lost(detail(status));
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

    /** What was read of an answer. */
    private static final class Reading {

        private ByteString data = ByteString.EMPTY;
        private long inputTokens;
        private long outputTokens;
        private boolean any;
        private @Nullable String broken;

        private void response(byte[] message) throws IOException {
            any = true;
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == Wire.delimited(ProcessResponse.PACKET_FIELD_NUMBER)) {
                    text(in.readBytes(), AIOSPacket.DATA_FIELD_NUMBER);
                } else if (tag == Wire.delimited(ProcessResponse.USAGE_FIELD_NUMBER)) {
                    usage(in.readBytes());
                } else {
                    in.skipField(tag);
                }
            }
        }

        private void piece(byte[] message) throws IOException {
            any = true;
            text(ByteString.copyFrom(message), ProcessPiece.DELTA_FIELD_NUMBER);
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == Wire.delimited(ProcessPiece.USAGE_FIELD_NUMBER)) {
                    usage(in.readBytes());
                } else {
                    in.skipField(tag);
                }
            }
        }

        /** The last field of this number, which is how protobuf reads it. */
        private void text(ByteString message, int field) throws IOException {
            data = ByteString.EMPTY;
            CodedInputStream in = message.newCodedInput();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == Wire.delimited(field)) {
                    data = in.readBytes();
                } else {
                    in.skipField(tag);
                }
            }
            if (!data.isValidUtf8()) {
                throw new IOException("its text is not UTF-8");
            }
        }

        private void usage(ByteString message) throws IOException {
            Usage read = Usage.parseFrom(message);
            inputTokens = read.getInputTokens();
            outputTokens = read.getOutputTokens();
        }
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
