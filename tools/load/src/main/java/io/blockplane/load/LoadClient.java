package io.blockplane.load;

import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.aios.InferenceMessage;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.aios.InferenceRespose;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.blockplane.proto.dataplane.v1.StreamEnd;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The client of a load run: one event loop carries all connections and hears all answers, so that
 * it costs little and several thousand requests a second are one thread's work.
 */
public final class LoadClient implements Sender, AutoCloseable {

    /** Connections at most. */
    public static final int MAX_CONNECTIONS = 1024;

    private static final int MAX_MESSAGE_BYTES = 65 * 1024 * 1024;
    private static final Metadata.Key<String> SERVICE_NAME =
            Metadata.Key.of("x-service-name", Metadata.ASCII_STRING_MARSHALLER);

    private final Method method;
    private final String blockId;
    private final EventLoopGroup loop;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    /** What is called. */
    public enum Method {
        /** One answer; nothing is stored. */
        PREDICT,
        /** The answer in pieces. */
        STREAM,
        /** Handed over; answered when it is durable. */
        INFER
    }

    public LoadClient(String target, String blockId, Method method, int connections) {
        if (connections < 1 || connections > MAX_CONNECTIONS) {
            throw new IllegalArgumentException(
                    "connections: %d (expected: 1 to %d)".formatted(connections, MAX_CONNECTIONS));
        }
        this.method = method;
        this.blockId = blockId;
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends Channel> socket = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        this.loop = new MultiThreadIoEventLoopGroup(1, io);
        for (int i = 0; i < connections; i++) {
            channels.add(
                    NettyChannelBuilder.forTarget(target)
                            .usePlaintext()
                            .disableRetry()
                            .eventLoopGroup(loop)
                            .channelType(socket)
                            .directExecutor()
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build());
        }
    }

    @Override
    public void send(AIOSPacket packet, Duration limit, Answer answer) {
        switch (method) {
            case PREDICT ->
                    call(
                            PredictionGrpc.getPredictMethod(),
                            PredictRequest.newBuilder()
                                    .setBlockId(blockId)
                                    .setPacket(packet)
                                    .build(),
                            limit,
                            new Predicted(answer));
            case STREAM ->
                    stream(
                            PredictRequest.newBuilder()
                                    .setBlockId(blockId)
                                    .setPacket(packet)
                                    .build(),
                            limit,
                            answer);
            case INFER ->
                    call(
                            InferenceProxyGrpc.getInferMethod(),
                            InferenceMessage.newBuilder().setRpcData(packet.toByteString()).build(),
                            limit,
                            new Accepted(answer));
        }
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        Future<?> _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private <Q, A> void call(
            MethodDescriptor<Q, A> descriptor,
            Q request,
            Duration limit,
            ClientCall.Listener<A> listener) {
        ClientCall<Q, A> call = newCall(descriptor, limit);
        call.start(listener, headers());
        // A unary call's reader asks for two so that a second message is noticed.
        call.request(2);
        call.sendMessage(request);
        call.halfClose();
    }

    private void stream(PredictRequest request, Duration limit, Answer answer) {
        ClientCall<PredictRequest, PredictPiece> call =
                newCall(PredictionGrpc.getPredictStreamMethod(), limit);
        call.start(new Streamed(answer, call), headers());
        call.request(1);
        call.sendMessage(request);
        call.halfClose();
    }

    private Metadata headers() {
        Metadata headers = new Metadata();
        headers.put(SERVICE_NAME, blockId);
        return headers;
    }

    private <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> descriptor, Duration limit) {
        ManagedChannel channel =
                channels.get(
                        channels.size() == 1
                                ? 0
                                : Math.floorMod(turn.getAndIncrement(), channels.size()));
        return channel.newCall(
                descriptor,
                CallOptions.DEFAULT.withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    private static final class Streamed extends ClientCall.Listener<PredictPiece> {

        private final Answer answer;
        private final ClientCall<PredictRequest, PredictPiece> call;
        private StreamEnd end = StreamEnd.getDefaultInstance();

        Streamed(Answer answer, ClientCall<PredictRequest, PredictPiece> call) {
            this.answer = answer;
            this.call = call;
        }

        @Override
        public void onMessage(PredictPiece piece) {
            if (piece.hasEnd()) {
                end = piece.getEnd();
            } else {
                answer.piece();
            }
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            answer.ended(
                    new Answer.Ended(status, end.getInputTokens(), end.getOutputTokens(), null));
        }
    }

    private static final class Predicted extends ClientCall.Listener<PredictResponse> {

        private final Answer answer;
        private PredictResponse response = PredictResponse.getDefaultInstance();

        Predicted(Answer answer) {
            this.answer = answer;
        }

        @Override
        public void onMessage(PredictResponse message) {
            response = message;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            answer.ended(
                    status.isOk()
                            ? new Answer.Ended(
                                    status,
                                    response.getInputTokens(),
                                    response.getOutputTokens(),
                                    response.getPacket())
                            : Answer.Ended.of(status));
        }
    }

    private static final class Accepted extends ClientCall.Listener<InferenceRespose> {

        private final Answer answer;
        private boolean accepted;

        Accepted(Answer answer) {
            this.answer = answer;
        }

        @Override
        public void onMessage(InferenceRespose message) {
            accepted = message.getMessage();
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            boolean refused = status.isOk() && !accepted;
            answer.ended(
                    Answer.Ended.of(
                            refused ? Status.UNKNOWN.withDescription("message: false") : status));
        }
    }
}
