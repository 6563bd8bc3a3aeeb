package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object in a request, read by name. What is not as asked for is refused with
 * its path, its value and what was expected.
 */
final class Fields {

    private static final String OBJECT = "a JSON object";

    private final String path;
    private final ObjectNode object;
    private final Set<String> read = new HashSet<>();

    private Fields(String path, ObjectNode object) {
        this.path = path;
        this.object = object;
    }

    /** The object that a request is; paths begin in it. */
    static Fields root(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Fields("", object);
        }
        throw Problem.invalid("(body)", node.isMissingNode() ? null : node, OBJECT).refused();
    }

    /** The path of a field of this object. */
    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** The whole object, unread fields included. */
    Json all() {
        return Json.of(object);
    }

    boolean has(String name) {
        return object.has(name);
    }

    /** A field that must be there, and an object. */
    Fields object(String name) {
        return of(path(name), required(name, OBJECT));
    }

    /** A field that must be there, whatever it is. */
    JsonNode any(String name) {
        return required(name, "any value");
    }

    /** A text with something in it. */
    String text(String name, String expected) {
        JsonNode node = required(name, expected);
        if (!node.isTextual() || node.textValue().isBlank()) {
            throw invalid(name, node, expected);
        }
        return node.textValue();
    }

    /** A whole number. */
    int number(String name) {
        String expected = "a whole number";
        JsonNode node = required(name, expected);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw invalid(name, node, expected);
        }
        return node.intValue();
    }

    /** An object that may be left out or null, which both mean an empty one. */
    Json objectOrEmpty(String name) {
        JsonNode node = optional(name);
        return node == null || node.isNull()
                ? Json.EMPTY_OBJECT
                : Json.of(of(path(name), node).object);
    }

    /** A list of objects that may be left out. */
    List<Fields> objects(String name) {
        List<Fields> objects = new ArrayList<>();
        for (JsonNode element : list(name, "a list of objects")) {
            objects.add(of(path(name) + "[" + objects.size() + "]", element));
        }
        return objects;
    }

    /** A list of texts that may be left out. */
    List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list(name, "a list of texts")) {
            if (!element.isTextual()) {
                throw Problem.invalid(path(name) + "[" + texts.size() + "]", element, "a text")
                        .refused();
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    /** A field that may be left out. */
    @Nullable JsonNode optional(String name) {
        read.add(name);
        return object.get(name);
    }

    /** Refuses fields that nobody asked for: a misspelt one would be ignored in silence. */
    void refuseOthers() {
        object.fieldNames()
                .forEachRemaining(name -> {
                    if (!read.contains(name)) {
                        throw Problem.invalid(
                                        path(name),
                                        object.get(name),
                                        "one of " + new TreeSet<>(read))
                                .refused();
                    }
                });
    }

    /** The refusal of a field of this object. */
    Problem.Refused invalid(String name, @Nullable JsonNode value, String expected) {
        return Problem.invalid(path(name), value, expected).refused();
    }

    Problem.Refused invalid(String name, String value, String expected) {
        return invalid(name, TextNode.valueOf(value), expected);
    }

    private Iterable<JsonNode> list(String name, String expected) {
        JsonNode node = optional(name);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw invalid(name, node, expected);
        }
        return node;
    }

    private JsonNode required(String name, String expected) {
        JsonNode node = optional(name);
        if (node == null) {
            throw invalid(name, (JsonNode) null, expected);
        }
        return node;
    }

    private static Fields of(String path, JsonNode node) {
        if (node instanceof ObjectNode object) {
            return new Fields(path, object);
        }
        throw Problem.invalid(path, node, OBJECT).refused();
    }
}
