package io.blockplane.control.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.events.EventJson;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A request, wholly read.
 *
 * @param parameters of the path, decoded
 * @param idempotencyKey the header of this name; null when there is none
 * @param serviceName the header of this name: the block that is meant; null when there is none
 * @param authority host and port that the client used
 * @param form fields of a multipart body
 * @param files of a multipart body; they are deleted when the request is answered
 */
record Request(
        Map<String, String> parameters,
        @Nullable String idempotencyKey,
        @Nullable String serviceName,
        String authority,
        Buffer body,
        Map<String, String> form,
        List<File> files) {

    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    /** As AIOSv1 clients name the block. */
    static final String SERVICE_NAME = "x-service-name";

    private static final Pattern COMMAND_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

    /** A file of a multipart body, where it was put. */
    record File(String field, String fileName, Path content) {}

    /** A parameter of the path; it is a bug when there is none of this name. */
    String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("no path parameter " + name);
        }
        return value;
    }

    /** The body, which must be a JSON object. */
    Fields json() {
        try {
            JsonNode root = EventJson.MAPPER.readTree(body.getBytes());
            return Fields.root(root);
        } catch (JsonProcessingException e) {
            throw new Problem(
                            400,
                            "NOT_JSON",
                            null,
                            null,
                            "a JSON object",
                            "the body is not JSON: " + e.getOriginalMessage() + where(e))
                    .refused();
        } catch (IOException e) {
            throw new IllegalStateException("reading bytes in memory", e);
        }
    }

    /** The id of the command that this request makes: the client's key, or a new one. */
    String commandId(Supplier<String> newIds) {
        if (idempotencyKey == null) {
            return "cmd-" + newIds.get();
        }
        if (!COMMAND_ID.matcher(idempotencyKey).matches()) {
            throw Problem.invalid(
                            IDEMPOTENCY_KEY,
                            TextNode.valueOf(idempotencyKey),
                            "1 to 128 of [A-Za-z0-9._:-]")
                    .refused();
        }
        return idempotencyKey;
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line %d, column %d)"
                        .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    }
}
