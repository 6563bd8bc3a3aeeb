package io.blockplane.executor;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One gRPC method with one request, whose answers come later and from other threads. */
final class CallHandler implements ServerCallHandler<byte[], byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(CallHandler.class);
    private static final Metadata.Key<String> SERVICE_NAME =
            Metadata.Key.of(RequestReader.SERVICE_NAME, Metadata.ASCII_STRING_MARSHALLER);

    private final MethodDescriptor<byte[], byte[]> method;
    private final Service service;
    private final ExecutorMetrics metrics;

    CallHandler(MethodDescriptor<byte[], byte[]> method, Service service, ExecutorMetrics metrics) {
        this.method = method;
        this.service = service;
        this.metrics = metrics;
    }

    /** What a method does. */
    @FunctionalInterface
    interface Service {

        /**
         * Begins a call. Does not block; in the call's gRPC context.
         *
         * @param serviceName what the metadata says; null when nothing
         * @param answer to be given one end, now or later, on any thread but one at a time
         */
        Running begin(byte[] message, @Nullable String serviceName, Answer answer);
    }

    /** A call under way. On the call's event loop. */
    interface Running {

        /** Nobody wants the answer any more; it still has to be given an end. */
        void cancel();

        /** There is room for more of a stream. */
        void ready();

        /** A call that was answered, or that nothing can stop. */
        Running NONE =
                new Running() {
                    @Override
                    public void cancel() {}

                    @Override
                    public void ready() {}
                };
    }

    /** The way back to the caller. */
    static final class Answer {

        private final ServerCall<byte[], byte[]> call;
        private final ExecutorMetrics metrics;
        private boolean begun;

        private Answer(ServerCall<byte[], byte[]> call, ExecutorMetrics metrics) {
            this.call = call;
            this.metrics = metrics;
        }

        /** False: what is sent now waits here, and so may the next. */
        boolean ready() {
            return call.isReady();
        }

        /** Sends one message of a stream. */
        void piece(byte[] message) {
            if (!begun) {
                begun = true;
                call.sendHeaders(new Metadata());
            }
            call.sendMessage(message);
        }

        /** The last message, and the end. */
        void last(byte[] message) {
            piece(message);
            call.close(Status.OK, new Metadata());
        }

        /** The end of a stream. */
        void done() {
            if (!begun) {
                begun = true;
                call.sendHeaders(new Metadata());
            }
            call.close(Status.OK, new Metadata());
        }

        /** The end, without success. */
        void refuse(Status status) {
            refuse(status, new Metadata());
        }

        /** The end, without success, and what a client may want to know. */
        void refuse(Status status, Metadata trailers) {
            metrics.refused(
                    String.valueOf(call.getMethodDescriptor().getBareMethodName()),
                    status.getCode().name());
            call.close(status, trailers);
        }
    }

    @Override
    public ServerCall.Listener<byte[]> startCall(
            ServerCall<byte[], byte[]> call, Metadata headers) {
        // One more than there may be, so that a second one is noticed.
        call.request(2);
        return new Listener(call, headers.get(SERVICE_NAME));
    }

    private final class Listener extends ServerCall.Listener<byte[]> {

        private final @Nullable String serviceName;
        private final Answer answer;
        private byte @Nullable [] message;
        private boolean refused;
        private Running running = Running.NONE;

        private Listener(ServerCall<byte[], byte[]> call, @Nullable String serviceName) {
            this.serviceName = serviceName;
            this.answer = new Answer(call, metrics);
        }

        @Override
        public void onMessage(byte[] received) {
            if (message == null) {
                message = received;
            } else if (!refused) {
                refuse("more than one request");
            }
        }

        @Override
        public void onHalfClose() {
            byte[] request = message;
            if (refused) {
                return;
            }
            if (request == null) {
                refuse("no request");
                return;
            }
            try {
                running = service.begin(request, serviceName, answer);
            } catch (RuntimeException e) {
                LOG.atError()
                        .addKeyValue("method", method.getFullMethodName())
                        .setCause(e)
                        .log("call failed");
                answer.refuse(Status.INTERNAL.withDescription("executor: " + e));
            }
        }

        @Override
        public void onCancel() {
            running.cancel();
        }

        @Override
        public void onReady() {
            running.ready();
        }

        private void refuse(String what) {
            refused = true;
            answer.refuse(
                    Status.INVALID_ARGUMENT.withDescription(
                            what
                                    + " in a call of "
                                    + method.getFullMethodName()
                                    + " (expected: 1)"));
        }
    }
}
