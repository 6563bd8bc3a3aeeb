package io.blockplane.control.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.vertx.core.buffer.Buffer;

/** What goes back. */
record Response(int status, String contentType, Buffer body) {

    /** {@code {"success": true, "data": ...}}. */
    static Response success(JsonNode data) {
        ObjectNode body = EventJson.MAPPER.createObjectNode();
        body.put("success", true);
        body.set("data", data);
        return json(200, body);
    }

    /** A document without the envelope, as AIOSv1 clients expect blocks. */
    static Response bare(JsonNode document) {
        return json(200, document);
    }

    static Response bytes(String contentType, byte[] body) {
        return new Response(200, contentType, Buffer.buffer(body));
    }

    static Response json(int status, JsonNode body) {
        try {
            return new Response(
                    status,
                    "application/json",
                    Buffer.buffer(EventJson.MAPPER.writeValueAsBytes(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that is no JSON", e);
        }
    }
}
