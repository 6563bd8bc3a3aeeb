package io.blockplane.executor.transport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * What a packet's data asks of an OpenAI-compatible server.
 *
 * @param path below the server's address: {@code /chat/completions} and the like
 * @param body as it is sent
 * @param streams whether the answer comes as server-sent events
 */
record OpenAiCall(String path, String body, boolean streams) {

    static final JsonMapper JSON =
            JsonMapper.builder()
                    // Numbers go on as they came.
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                    .build();

    private static final String EXPECTED =
            " (expected: the JSON body of a request, with messages (chat), prompt (completions) or"
                    + " input (embeddings))";

    /** A call, or why the data is none. */
    sealed interface Read {
        record Call(OpenAiCall call) implements Read {}

        record Invalid(Status status) implements Read {}
    }

    /**
     * Reads a packet's data.
     *
     * @param model for a request that names none
     * @param stream whether the output is wanted in pieces
     */
    static Read read(ByteString data, @Nullable String model, boolean stream) {
        JsonNode root;
        try {
            root = JSON.readTree(data.toStringUtf8());
        } catch (JsonProcessingException e) {
            return invalid("data: not JSON: " + e.getOriginalMessage() + EXPECTED);
        }
        if (!(root instanceof ObjectNode request)) {
            return invalid("data: no JSON object" + EXPECTED);
        }
        String path = path(request);
        if (path == null) {
            return invalid("data: none of messages, prompt, input" + EXPECTED);
        }
        boolean streams = stream && !path.equals("/embeddings");
        if (streams && request.path("n").asInt(1) != 1) {
            return invalid("data.n: " + request.get("n") + " (expected: 1 in a stream)");
        }
        if (model != null && !request.hasNonNull("model")) {
            request.put("model", model);
        }
        if (streams) {
            request.put("stream", true);
            JsonNode options = request.get("stream_options");
            (options instanceof ObjectNode given ? given : request.putObject("stream_options"))
                    .put("include_usage", true);
        } else {
            request.remove("stream");
            request.remove("stream_options");
        }
        try {
            return new Read.Call(new OpenAiCall(path, JSON.writeValueAsString(request), streams));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    private static @Nullable String path(ObjectNode request) {
        if (request.has("messages")) {
            return "/chat/completions";
        }
        if (request.has("prompt")) {
            return "/completions";
        }
        return request.has("input") ? "/embeddings" : null;
    }

    private static Read invalid(String message) {
        return new Read.Invalid(Status.INVALID_ARGUMENT.withDescription(message));
    }
}
