package io.blockplane.executor;

import io.blockplane.proto.aios.InferenceRespose;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** {@code InferenceProxy/infer}: {@code true} when the packet is durable, a refusal otherwise. */
final class InferService {

    private final RequestReader reader;
    private final InboxWriter inbox;
    private final ExecutorMetrics metrics;

    InferService(RequestReader reader, InboxWriter inbox, ExecutorMetrics metrics) {
        this.reader = reader;
        this.inbox = inbox;
        this.metrics = metrics;
    }

    /** Accepts one packet. Blocks until the log has it. */
    GrpcApi.Reply<InferenceRespose> infer(byte[] message, @Nullable String serviceName)
            throws InterruptedException {
        return switch (reader.infer(message, serviceName)) {
            case RequestReader.Request.Refused(Status status) ->
                    new GrpcApi.Reply.Refused<>(status);
            case RequestReader.Request.Valid valid -> accept(valid);
        };
    }

    private GrpcApi.Reply<InferenceRespose> accept(RequestReader.Request.Valid request)
            throws InterruptedException {
        String blockId = request.block().id();
        return switch (inbox.accept(blockId, request.packet(), request.bytes())) {
            case InboxWriter.Outcome.Durable() -> {
                metrics.accepted(blockId);
                yield new GrpcApi.Reply.Answer<>(
                        InferenceRespose.newBuilder().setMessage(true).build());
            }
            case InboxWriter.Outcome.Busy(String detail) ->
                    new GrpcApi.Reply.Refused<>(Status.RESOURCE_EXHAUSTED.withDescription(detail));
            case InboxWriter.Outcome.Unconfirmed(String detail) ->
                    new GrpcApi.Reply.Refused<>(
                            Status.UNAVAILABLE.withDescription(
                                    "the log did not confirm the packet within "
                                            + InboxWriter.DELIVERY_LIMIT.toSeconds()
                                            + " s: "
                                            + detail));
        };
    }
}
