package io.blockplane.bench.dataplane;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.IOException;

/** grpc-java and nothing else: each call is passed on, on the event loop that read it. */
final class PassThrough {

    private PassThrough() {}

    public static void main(String[] args) throws IOException {
        RawGrpc grpc = new RawGrpc();
        ManagedChannel backend = grpc.channel(args[0]).build();
        var server =
                grpc.server(0)
                        .addService(
                                ServerServiceDefinition.builder(
                                                "blockplane.dataplane.v1.Prediction")
                                        .addMethod(
                                                RawGrpc.unary(EchoBackend.PREDICT),
                                                (call, _) -> pass(call, backend))
                                        .build())
                        .build()
                        .start();
        RawGrpc.serve("127.0.0.1:" + server.getPort());
    }

    private static ServerCall.Listener<byte[]> pass(
            ServerCall<byte[], byte[]> call, ManagedChannel backend) {
        ClientCall<byte[], byte[]> onward =
                backend.newCall(call.getMethodDescriptor(), CallOptions.DEFAULT);
        onward.start(new Back(call), new Metadata());
        onward.request(2);
        call.request(2);
        return new ServerCall.Listener<>() {
            @Override
            public void onMessage(byte[] message) {
                onward.sendMessage(message);
            }

            @Override
            public void onHalfClose() {
                onward.halfClose();
            }

            @Override
            public void onCancel() {
                onward.cancel("the caller went away", null);
            }
        };
    }

    private static final class Back extends ClientCall.Listener<byte[]> {

        private final ServerCall<byte[], byte[]> call;

        Back(ServerCall<byte[], byte[]> call) {
            this.call = call;
        }

        @Override
        public void onHeaders(Metadata headers) {
            call.sendHeaders(new Metadata());
        }

        @Override
        public void onMessage(byte[] message) {
            call.sendMessage(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            call.close(status, new Metadata());
        }
    }
}
