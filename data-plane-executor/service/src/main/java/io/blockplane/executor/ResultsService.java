package io.blockplane.executor;

import com.google.protobuf.InvalidProtocolBufferException;
import io.blockplane.executor.delivery.ResultsReader;
import io.blockplane.proto.dataplane.v1.ResultsRequest;
import io.blockplane.proto.dataplane.v1.ResultsRequest.FromCase;
import io.grpc.Status;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** {@code Results/Read}: the ends of a session's packets, from the log. */
final class ResultsService {

    private final RequestReader requests;
    private final ResultsReader reader;

    ResultsService(RequestReader requests, ResultsReader reader) {
        this.requests = requests;
        this.reader = reader;
    }

    CallHandler.Running read(
            byte[] message, @Nullable String serviceName, CallHandler.Answer answer) {
        ResultsRequest request;
        try {
            request = ResultsRequest.parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            answer.refuse(invalid("request: " + e.getMessage() + " (expected: a ResultsRequest)"));
            return CallHandler.Running.NONE;
        }
        String token = request.getFromCase() == FromCase.AFTER ? request.getAfter() : null;
        if (request.getSessionId().isEmpty()) {
            answer.refuse(invalid("session_id: empty (expected: the id of a session)"));
            return CallHandler.Running.NONE;
        }
        if (token != null && !ResultsReader.isToken(token)) {
            answer.refuse(invalid("after: " + token + " (expected: the token of a result)"));
            return CallHandler.Running.NONE;
        }
        return switch (requests.block(request.getBlockId(), serviceName)) {
            case RequestReader.Found.Refused(Status status) -> {
                answer.refuse(status);
                yield CallHandler.Running.NONE;
            }
            case RequestReader.Found.Known(Block block) -> begin(block, request, token, answer);
        };
    }

    private CallHandler.Running begin(
            Block block,
            ResultsRequest request,
            @Nullable String token,
            CallHandler.Answer answer) {
        Out out = new Out(answer);
        ResultsReader.Stream stream =
                reader.begin(
                        block.id(),
                        request.getSessionId(),
                        token,
                        request.getFromCase() == FromCase.NOW && request.getNow(),
                        request.getFollow(),
                        out);
        if (stream == null) {
            answer.refuse(
                    Status.RESOURCE_EXHAUSTED.withDescription(
                            ResultsReader.MAX_STREAMS
                                    + " streams of results are open (expected: fewer)"));
            return CallHandler.Running.NONE;
        }
        return new CallHandler.Running() {
            @Override
            public void cancel() {
                stream.stop();
            }

            @Override
            public void ready() {
                out.room.release();
            }
        };
    }

    private static Status invalid(String message) {
        return Status.INVALID_ARGUMENT.withDescription(message);
    }

    private static final class Out implements ResultsReader.Sink {

        private final CallHandler.Answer answer;

        /** Something may have changed about the room for more. */
        private final Semaphore room = new Semaphore(0);

        private Out(CallHandler.Answer answer) {
            this.answer = answer;
        }

        @Override
        public void result(byte[] result) throws InterruptedException {
            while (!answer.ready()) {
                room.acquire();
            }
            answer.piece(result);
        }

        @Override
        public void end() {
            answer.done();
        }

        @Override
        public void failed(String why) {
            answer.refuse(Status.UNAVAILABLE.withDescription("results can't be read on: " + why));
        }
    }
}
