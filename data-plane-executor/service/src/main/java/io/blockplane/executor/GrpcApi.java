package io.blockplane.executor;

import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.aios.InferenceRespose;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two services on one port. Requests come through as bytes, so that a message that is no
 * message gets an answer that says why, and not the transport's INTERNAL. Handlers block, each call
 * on its own virtual thread.
 */
final class GrpcApi implements AutoCloseable {

    /** The largest request: a packet of 64 MiB and room for what is around it. */
    static final int MAX_MESSAGE_BYTES = RequestReader.MAX_PACKET_BYTES + 1024 * 1024;

    /** Calls of one connection at once; the client's library holds more back. */
    static final int MAX_CALLS_PER_CONNECTION = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(GrpcApi.class);
    private static final Metadata.Key<String> SERVICE_NAME_KEY =
            Metadata.Key.of(RequestReader.SERVICE_NAME, Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<String> SERVICE_NAME = Context.key(RequestReader.SERVICE_NAME);

    private final Server server;
    private final ExecutorService threads;

    private GrpcApi(Server server, ExecutorService threads) {
        this.server = server;
        this.threads = threads;
    }

    /** What a call gets. */
    sealed interface Reply<T> {
        record Answer<T>(T message) implements Reply<T> {}

        record Refused<T>(Status status) implements Reply<T> {}
    }

    /** One method. */
    @FunctionalInterface
    private interface Handler<T> {
        Reply<T> handle(byte[] message, @Nullable String serviceName) throws InterruptedException;
    }

    static GrpcApi start(
            InetSocketAddress address,
            InferService infer,
            PredictService predict,
            ExecutorMetrics metrics)
            throws IOException {
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        MethodDescriptor<byte[], InferenceRespose> inferMethod =
                InferenceProxyGrpc.getInferMethod().toBuilder(
                                BYTES, InferenceProxyGrpc.getInferMethod().getResponseMarshaller())
                        .build();
        MethodDescriptor<byte[], PredictResponse> predictMethod =
                PredictionGrpc.getPredictMethod().toBuilder(
                                BYTES, PredictionGrpc.getPredictMethod().getResponseMarshaller())
                        .build();
        Server server =
                NettyServerBuilder.forAddress(address)
                        .executor(threads)
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                        .addService(
                                service(
                                        InferenceProxyGrpc.SERVICE_NAME,
                                        inferMethod,
                                        infer::infer,
                                        metrics))
                        .addService(
                                service(
                                        PredictionGrpc.SERVICE_NAME,
                                        predictMethod,
                                        predict::predict,
                                        metrics))
                        .build()
                        .start();
        return new GrpcApi(server, threads);
    }

    int port() {
        return server.getPort();
    }

    /** Takes no new calls; those under way go on. */
    void stopTaking() {
        server.shutdown();
    }

    /** Returns true when all calls are done. */
    boolean awaitDone(Duration limit) throws InterruptedException {
        return server.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Cuts off what is under way. */
    @Override
    public void close() {
        server.shutdownNow();
        threads.shutdownNow();
    }

    private static <T> ServerServiceDefinition service(
            String name,
            MethodDescriptor<byte[], T> method,
            Handler<T> handler,
            ExecutorMetrics metrics) {
        ServerServiceDefinition service =
                ServerServiceDefinition.builder(name)
                        .addMethod(
                                method,
                                ServerCalls.asyncUnaryCall(
                                        (byte[] message, StreamObserver<T> responses) ->
                                                call(method, handler, metrics, message, responses)))
                        .build();
        return ServerInterceptors.intercept(service, new ServiceName());
    }

    private static <T> void call(
            MethodDescriptor<byte[], T> method,
            Handler<T> handler,
            ExecutorMetrics metrics,
            byte[] message,
            StreamObserver<T> responses) {
        // With a handler set, answering a call that was cancelled is no error.
        ((ServerCallStreamObserver<T>) responses).setOnCancelHandler(() -> {});
        Reply<T> reply;
        try {
            reply = handler.handle(message, SERVICE_NAME.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reply = new Reply.Refused<>(Status.UNAVAILABLE.withDescription("executor stops"));
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("method", method.getFullMethodName())
                    .setCause(e)
                    .log("call failed");
            reply = new Reply.Refused<>(Status.INTERNAL.withDescription("executor: " + e));
        }
        switch (reply) {
            case Reply.Answer<T>(T answer) -> {
                responses.onNext(answer);
                responses.onCompleted();
            }
            case Reply.Refused<T>(Status status) -> {
                metrics.refused(
                        String.valueOf(method.getBareMethodName()), status.getCode().name());
                responses.onError(status.asRuntimeException());
            }
        }
    }

    /** Carries the metadata's block name to the handler. */
    private static final class ServiceName implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            String name = headers.get(SERVICE_NAME_KEY);
            return name == null
                    ? next.startCall(call, headers)
                    : Contexts.interceptCall(
                            Context.current().withValue(SERVICE_NAME, name), call, headers, next);
        }
    }

    private static final MethodDescriptor.Marshaller<byte[]> BYTES =
            new MethodDescriptor.Marshaller<>() {
                @Override
                public InputStream stream(byte[] value) {
                    return new ByteArrayInputStream(value);
                }

                @Override
                public byte[] parse(InputStream stream) {
                    try {
                        return stream.readAllBytes();
                    } catch (IOException e) {
                        throw new UncheckedIOException("reading from memory", e);
                    }
                }
            };
}
