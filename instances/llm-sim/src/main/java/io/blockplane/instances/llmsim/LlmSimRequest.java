package io.blockplane.instances.llmsim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.instances.Preprocessed;
import io.blockplane.instances.Result;

/**
 * What a packet asks of the simulated model.
 *
 * @param promptTokens words of the prompt, at least 1
 * @param outputTokens that it is to write
 */
record LlmSimRequest(String prompt, int promptTokens, int outputTokens) {

    private static final JsonMapper JSON = new JsonMapper();

    static Preprocessed<LlmSimRequest> parse(String data, LlmSimSettings settings) {
        JsonNode root;
        try {
            root = JSON.readTree(data);
        } catch (JsonProcessingException e) {
            return invalid("data", data, "a JSON object with prompt or messages");
        }
        String prompt = prompt(root);
        if (prompt == null) {
            return invalid("data", data, "a JSON object with prompt or messages");
        }
        JsonNode asked = root.path("max_tokens");
        if (!asked.isMissingNode() && (!asked.isInt() || asked.asInt() < 1)) {
            return invalid("data.max_tokens", asked.toString(), "1 or more");
        }
        int promptTokens = Math.max(1, prompt.isBlank() ? 0 : prompt.strip().split("\\s+").length);
        int outputTokens = asked.asInt(settings.defaultOutputTokens());
        if ((long) promptTokens + outputTokens > settings.limits().cacheTokens()) {
            return invalid(
                    "data.max_tokens",
                    promptTokens + " in and " + outputTokens + " out",
                    "together at most " + settings.limits().cacheTokens() + " tokens");
        }
        return new Preprocessed.Entry<>(new LlmSimRequest(prompt, promptTokens, outputTokens));
    }

    private static @org.jspecify.annotations.Nullable String prompt(JsonNode root) {
        if (root.path("prompt").isTextual()) {
            return root.path("prompt").asText();
        }
        if (!root.path("messages").isArray()) {
            return null;
        }
        StringBuilder all = new StringBuilder();
        root.path("messages").forEach(m -> all.append(m.path("content").asText("")).append(' '));
        return all.toString();
    }

    private static Preprocessed<LlmSimRequest> invalid(
            String field, String value, String expected) {
        return new Preprocessed.Invalid<>(new Result.InvalidInput(field, value, expected));
    }
}
