package io.blockplane.events;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A JSON value that Blockplane carries without looking inside: policy parameters, inputs, outputs.
 * Held as canonical text (no white space, keys in the order given, doubles as {@link
 * Double#toString} writes them), so that equal values have equal bytes and a recorded one can be
 * compared to the byte.
 */
public record Json(@JsonRawValue @JsonValue String text) {

    public static final Json EMPTY_OBJECT = new Json("{}");

    /** Use {@link #parse} unless the text is known to be canonical: this does not check it. */
    public Json {}

    /**
     * Parses and canonicalises.
     *
     * @throws IllegalArgumentException when the text is not one JSON value
     */
    public static Json parse(String text) {
        try {
            JsonNode node = EventJson.MAPPER.readTree(text);
            if (node.isMissingNode()) {
                throw new IllegalArgumentException("not JSON: the text is empty");
            }
            return of(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    /**
     * The value of a tree, copied.
     *
     * @throws IllegalArgumentException when a number in it is too large for a double
     */
    @JsonCreator
    public static Json of(JsonNode node) {
        refuseInfinite(node);
        return new Json(node.toString());
    }

    /** A fresh tree of this value; changing it does not change this. */
    public JsonNode node() {
        try {
            return EventJson.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not canonical JSON: " + text, e);
        }
    }

    /** A fresh tree of this object. */
    public ObjectNode object() {
        return node() instanceof ObjectNode object ? object : notAnObject();
    }

    /** The members of this object, in their order; empty when this is not an object. */
    public Map<String, Json> members() {
        Map<String, Json> members = new LinkedHashMap<>();
        node().properties().forEach(e -> members.put(e.getKey(), of(e.getValue())));
        return Collections.unmodifiableMap(members);
    }

    private static void refuseInfinite(JsonNode node) {
        if (node.isDouble() && !Double.isFinite(node.doubleValue())) {
            throw new IllegalArgumentException("not JSON: a number is too large for a double");
        }
        node.forEach(Json::refuseInfinite);
    }

    private ObjectNode notAnObject() {
        throw new IllegalArgumentException("value: " + text + " (expected: a JSON object)");
    }

    @Override
    public String toString() {
        return text;
    }
}
