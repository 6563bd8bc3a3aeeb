package io.blockplane.bench.dataplane;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import com.sun.net.httpserver.HttpServer;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The instance behind everything: answers a packet with the same packet. As {@code
 * Instance/Process} for the executor, and under the name {@code Prediction/Predict} for whoever
 * calls it directly or through a proxy: request and answer are the same bytes on both ways (the
 * block id and the packet are fields 1 and 2 of both requests, the packet is field 1 of both
 * answers).
 */
final class EchoBackend {

    static final String PREDICT = "blockplane.dataplane.v1.Prediction/Predict";
    static final String PROCESS = "blockplane.instance.v1.Instance/Process";

    private static final int PACKET_IN = 2;
    private static final int PACKET_OUT = 1;
    private static final byte[] HEALTHY =
            "{\"success\":true,\"data\":{\"status\":\"healthy\"}}".getBytes(StandardCharsets.UTF_8);

    private EchoBackend() {}

    public static void main(String[] args) throws IOException {
        var server =
                new RawGrpc()
                        .server(0)
                        .addService(service("blockplane.dataplane.v1.Prediction", PREDICT))
                        .addService(service("blockplane.instance.v1.Instance", PROCESS))
                        .build()
                        .start();
        HttpServer health =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        health.createContext(
                "/health",
                exchange -> {
                    try (exchange) {
                        exchange.sendResponseHeaders(200, HEALTHY.length);
                        exchange.getResponseBody().write(HEALTHY);
                    }
                });
        health.start();
        RawGrpc.serve(
                "127.0.0.1:%d http://127.0.0.1:%d/health"
                        .formatted(server.getPort(), health.getAddress().getPort()));
    }

    private static ServerServiceDefinition service(String name, String method) {
        return ServerServiceDefinition.builder(name)
                .addMethod(RawGrpc.unary(method), EchoBackend::call)
                .build();
    }

    private static ServerCall.Listener<byte[]> call(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        call.request(2);
        return new ServerCall.Listener<>() {
            private byte @Nullable [] request;

            @Override
            public void onMessage(byte[] message) {
                request = message;
            }

            @Override
            public void onHalfClose() {
                call.sendHeaders(new Metadata());
                call.sendMessage(echo(request));
                call.close(Status.OK, new Metadata());
            }
        };
    }

    private static byte[] echo(byte @Nullable [] request) {
        try {
            ByteString packet = ByteString.EMPTY;
            CodedInputStream in = CodedInputStream.newInstance(request);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == PACKET_IN) {
                    packet = in.readBytes();
                } else {
                    in.skipField(tag);
                }
            }
            byte[] answer = new byte[CodedOutputStream.computeBytesSize(PACKET_OUT, packet)];
            CodedOutputStream.newInstance(answer).writeBytes(PACKET_OUT, packet);
            return answer;
        } catch (IOException e) {
            throw Status.INVALID_ARGUMENT.withCause(e).asRuntimeException();
        }
    }
}
