package io.blockplane.instances.embedding;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.instances.Preprocessed;
import io.blockplane.instances.Result;
import java.util.ArrayList;
import java.util.List;

/**
 * What a packet's data asks for: {@code {"texts": ["...", ...]}}. Other fields are ignored.
 *
 * @param texts 1 to {@value #MAX_TEXTS}, each of at most {@value #MAX_TEXT_CHARS} characters
 */
record EmbeddingRequest(List<String> texts) {

    static final int MAX_TEXTS = 256;
    static final int MAX_TEXT_CHARS = 100_000;

    private static final String EXPECTED_TEXTS =
            "a list of 1 to " + MAX_TEXTS + " strings, as in {\"texts\": [\"hello\"]}";
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    EmbeddingRequest {
        texts = List.copyOf(texts);
    }

    static Preprocessed<EmbeddingRequest> parse(String data) {
        JsonNode root;
        try {
            root = JSON.readTree(data);
        } catch (JsonProcessingException e) {
            return invalid("data", data, "a JSON object; " + e.getOriginalMessage());
        }
        JsonNode texts = root.path("texts");
        if (!root.isObject() || texts.isMissingNode()) {
            return invalid("data", data, "an object with texts: " + EXPECTED_TEXTS);
        }
        if (!texts.isArray() || texts.isEmpty()) {
            return invalid("data.texts", texts.toString(), EXPECTED_TEXTS);
        }
        if (texts.size() > MAX_TEXTS) {
            return invalid("data.texts", texts.size() + " strings", EXPECTED_TEXTS);
        }
        List<String> strings = new ArrayList<>(texts.size());
        for (JsonNode text : texts) {
            String field = "data.texts[" + strings.size() + "]";
            if (!text.isTextual()) {
                return invalid(field, text.toString(), "a string");
            }
            if (text.textValue().length() > MAX_TEXT_CHARS) {
                return invalid(
                        field,
                        text.textValue().length() + " characters",
                        "at most " + MAX_TEXT_CHARS);
            }
            strings.add(text.textValue());
        }
        return new Preprocessed.Entry<>(new EmbeddingRequest(strings));
    }

    private static Preprocessed<EmbeddingRequest> invalid(
            String field, String value, String expected) {
        return new Preprocessed.Invalid<>(new Result.InvalidInput(field, value, expected));
    }
}
