package io.blockplane.executor.transport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of a streamed answer: each chunk's text is a piece, the last chunk has the tokens. Reads
 * on only while pieces are wanted, so that a slow caller slows the server.
 */
final class OpenAiStream implements HttpResponse.BodySubscriber<Boolean> {

    private static final String DONE = "[DONE]";

    private final String target;
    private final PieceGate gate;
    private final ServerSentEvents events = new ServerSentEvents();
    private final CompletableFuture<Boolean> body = new CompletableFuture<>();
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean wantedBefore;
    private boolean finished;
    private boolean brokenOff;
    private long inputTokens;
    private long outputTokens;

    OpenAiStream(String target, PieceGate gate) {
        this.target = target;
        this.gate = gate;
    }

    /** Fetches more; may be called before there is anything to fetch from. */
    void more() {
        Flow.Subscription now = subscription;
        if (now == null) {
            wantedBefore = true;
            now = subscription;
        }
        if (now != null) {
            now.request(1);
        }
    }

    @Override
    public CompletionStage<Boolean> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription now) {
        subscription = now;
        if (wantedBefore) {
            now.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        boolean any = false;
        try {
            for (ByteBuffer buffer : buffers) {
                for (String event : events.read(buffer)) {
                    any |= !brokenOff && event(event);
                }
            }
        } catch (IOException e) {
            breakOff(OpenAiAnswers.broken("the stream can't be read: " + e.getMessage()));
        }
        if (!any) {
            gate.nothing();
        }
    }

    @Override
    public void onError(Throwable error) {
        gate.end(
                finished
                        ? new Attempt.Answered(ByteString.EMPTY, inputTokens, outputTokens)
                        : new Attempt.Lost(target + ": the stream broke: " + error));
        body.complete(finished);
    }

    @Override
    public void onComplete() {
        gate.end(
                finished
                        ? new Attempt.Answered(ByteString.EMPTY, inputTokens, outputTokens)
                        : new Attempt.Lost(target + ": the stream ended before its end"));
        body.complete(finished);
    }

    /** Nothing that still comes is of use. */
    private void breakOff(Attempt attempt) {
        brokenOff = true;
        gate.end(attempt);
        Flow.Subscription now = subscription;
        if (now != null) {
            now.cancel();
        }
        body.complete(false);
    }

    /** Takes one event; true when it had a piece. */
    private boolean event(String data) throws JsonProcessingException {
        if (data.equals(DONE)) {
            finished = true;
            return false;
        }
        JsonNode chunk = OpenAiCall.JSON.readTree(data);
        if (chunk.hasNonNull("error")) {
            String message = chunk.path("error").path("message").asText(data);
            breakOff(new Attempt.Refused(Status.INTERNAL.withDescription(message)));
            return false;
        }
        JsonNode usage = chunk.path("usage");
        if (usage.isObject()) {
            inputTokens = usage.path("prompt_tokens").asLong();
            outputTokens = usage.path("completion_tokens").asLong();
        }
        JsonNode choice = chunk.path("choices").path(0);
        finished |= choice.hasNonNull("finish_reason");
        JsonNode text =
                choice.has("delta") ? choice.path("delta").path("content") : choice.path("text");
        if (!text.isTextual() || text.asText().isEmpty()) {
            return false;
        }
        gate.piece(ByteString.copyFromUtf8(text.asText()));
        return true;
    }
}
