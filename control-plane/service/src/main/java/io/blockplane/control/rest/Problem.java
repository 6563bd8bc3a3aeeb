package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.events.EventJson;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was not done: one shape for all of them.
 *
 * @param code a stable word for programs
 * @param field the JSON path in the request, or the header or parameter, at fault; null when it is
 *     none
 * @param value what stood there; null when nothing did
 * @param expected what should have
 * @param message for people
 */
record Problem(
        int status,
        String code,
        @Nullable String field,
        @Nullable JsonNode value,
        @Nullable String expected,
        String message) {

    /** Longest value that is sent back, characters. */
    private static final int VALUE_LENGTH = 200;

    Problem {
        value = value == null ? null : shortened(value);
    }

    /** A field of the request has a value that it may not have. */
    static Problem invalid(String field, @Nullable JsonNode value, String expected) {
        String found = value == null ? "missing" : shortened(value).toString();
        return new Problem(
                400,
                "INVALID",
                field,
                value,
                expected,
                field + ": " + found + " (expected: " + expected + ")");
    }

    static Problem of(int status, String code, String message) {
        return new Problem(status, code, null, null, null, message);
    }

    static Problem notFound(String code, String field, String value, String message) {
        return new Problem(404, code, field, TextNode.valueOf(value), null, message);
    }

    Refused refused() {
        return new Refused(this);
    }

    Response response() {
        return response(_ -> {});
    }

    /** With more in its {@code error} object. */
    Response response(Consumer<ObjectNode> more) {
        ObjectNode body = EventJson.MAPPER.createObjectNode();
        body.put("success", false);
        body.put("message", message);
        ObjectNode error = body.putObject("error");
        error.put("code", code);
        if (field != null) {
            error.put("field", field);
        }
        if (value != null) {
            error.set("value", value);
        }
        if (expected != null) {
            error.put("expected", expected);
        }
        more.accept(error);
        return Response.json(status, body);
    }

    private static JsonNode shortened(JsonNode value) {
        String text = value.isTextual() ? value.textValue() : value.toString();
        return text.length() <= VALUE_LENGTH
                ? value
                : TextNode.valueOf(text.substring(0, VALUE_LENGTH) + "...");
    }

    /** Carries a problem out of the reading of a request. */
    static final class Refused extends RuntimeException {

        private final transient Problem problem;

        private Refused(Problem problem) {
            super(problem.message(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }
}
