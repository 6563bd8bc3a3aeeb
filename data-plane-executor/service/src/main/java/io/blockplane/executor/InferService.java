package io.blockplane.executor;

import io.blockplane.proto.aios.InferenceRespose;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** {@code InferenceProxy/infer}: {@code true} when the packet is durable, a refusal otherwise. */
final class InferService {

    private static final byte[] TRUE =
            InferenceRespose.newBuilder().setMessage(true).build().toByteArray();

    private final RequestReader reader;
    private final InboxWriter inbox;
    private final ExecutorMetrics metrics;

    InferService(RequestReader reader, InboxWriter inbox, ExecutorMetrics metrics) {
        this.reader = reader;
        this.inbox = inbox;
        this.metrics = metrics;
    }

    /**
     * Accepts one packet: the answer comes when the log has it. A cancelled call stays accepted.
     */
    CallHandler.Running infer(
            byte[] message, @Nullable String serviceName, CallHandler.Answer answer) {
        switch (reader.infer(message, serviceName)) {
            case RequestReader.Request.Refused(Status status) -> answer.refuse(status);
            case RequestReader.Request.Valid(Block block, var packet) ->
                    inbox.accept(
                            block.id(), packet, outcome -> answer(block.id(), outcome, answer));
        }
        return CallHandler.Running.NONE;
    }

    private void answer(String blockId, InboxWriter.Outcome outcome, CallHandler.Answer answer) {
        switch (outcome) {
            case InboxWriter.Outcome.Durable() -> {
                metrics.accepted(blockId);
                answer.last(TRUE);
            }
            case InboxWriter.Outcome.Busy(String detail) ->
                    answer.refuse(Status.RESOURCE_EXHAUSTED.withDescription(detail));
            case InboxWriter.Outcome.Unconfirmed(String detail) ->
                    answer.refuse(
                            Status.UNAVAILABLE.withDescription(
                                    "the log did not confirm the packet within "
                                            + InboxWriter.DELIVERY_LIMIT.toSeconds()
                                            + " s: "
                                            + detail));
        }
    }
}
