package io.blockplane.executor;

import io.blockplane.executor.packet.Bytes;
import io.blockplane.executor.transport.EventLoops;
import io.blockplane.proto.aios.InferenceProxyGrpc;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.blockplane.proto.dataplane.v1.ResultsGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The services on one port. Requests come through as bytes, so that a message that is no message
 * gets an answer that says why, and not the transport's INTERNAL, and so that what only passes
 * through is not taken apart. Handlers run on the event loops and don't block.
 */
final class GrpcApi implements AutoCloseable {

    /** The largest request: a packet of 64 MiB and room for what is around it. */
    static final int MAX_MESSAGE_BYTES = RequestReader.MAX_PACKET_BYTES + 1024 * 1024;

    /** Calls of one connection at once; the client's library holds more back. */
    static final int MAX_CALLS_PER_CONNECTION = 4096;

    private final Server server;

    private GrpcApi(Server server) {
        this.server = server;
    }

    static GrpcApi start(
            InetSocketAddress address,
            EventLoops loops,
            InferService infer,
            PredictService predict,
            ResultsService results,
            ExecutorMetrics metrics)
            throws IOException {
        ServerServiceDefinition inference =
                service(
                        InferenceProxyGrpc.SERVICE_NAME,
                        metrics,
                        new Method(InferenceProxyGrpc.getInferMethod(), infer::infer));
        ServerServiceDefinition prediction =
                service(
                        PredictionGrpc.SERVICE_NAME,
                        metrics,
                        new Method(PredictionGrpc.getPredictMethod(), predict::predict),
                        new Method(PredictionGrpc.getPredictStreamMethod(), predict::stream));
        ServerServiceDefinition read =
                service(
                        ResultsGrpc.SERVICE_NAME,
                        metrics,
                        new Method(ResultsGrpc.getReadMethod(), results::read));
        Server server =
                loops.on(NettyServerBuilder.forAddress(address))
                        .directExecutor()
                        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                        .addService(inference)
                        .addService(prediction)
                        .addService(read)
                        .build()
                        .start();
        return new GrpcApi(server);
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
    }

    private record Method(MethodDescriptor<?, ?> descriptor, CallHandler.Service service) {}

    private static ServerServiceDefinition service(
            String name, ExecutorMetrics metrics, Method... methods) {
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(name);
        for (Method method : methods) {
            MethodDescriptor<byte[], byte[]> bytes = Bytes.of(method.descriptor());
            builder.addMethod(bytes, new CallHandler(bytes, method.service(), metrics));
        }
        return builder.build();
    }
}
