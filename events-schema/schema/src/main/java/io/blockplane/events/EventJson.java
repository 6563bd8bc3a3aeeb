package io.blockplane.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Events to JSON bytes and back. Writing is deterministic: fields in record order, absent ones left
 * out, no white space. Reading accepts fields it doesn't know (a newer writer) and refuses a key
 * that stands twice.
 */
public final class EventJson {

    /** The one mapper; thread safe. */
    public static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .defaultPropertyInclusion(
                            JsonInclude.Value.construct(
                                    JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private EventJson() {}

    public static byte[] encode(Event event) {
        try {
            return MAPPER.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("event of type " + event.getClass().getName(), e);
        }
    }

    /**
     * Reads one event.
     *
     * @throws IllegalArgumentException when the bytes are not an event of this type; the message
     *     says where
     */
    public static <E extends Event> E decode(Class<E> type, byte[] bytes) {
        try {
            E event = MAPPER.readValue(bytes, type);
            if (event == null) {
                throw new IllegalArgumentException("not a " + type.getSimpleName() + ": null");
            }
            return event;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "not a " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** The bytes as text, for messages and files. */
    public static String text(Event event) {
        return new String(encode(event), StandardCharsets.UTF_8);
    }
}
