package io.blockplane.executor.delivery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code output_ptr}: JSON text that says where the result of a packet goes.
 *
 * <pre>
 * {"outputs":[{"host":"h","port":6379,"queue_name":"Q","block_id":"b"}, ...]}
 * {"is_graph":true,"graph":{"&lt;block_id&gt;":{"outputs":[...]}, "final":{"outputs":[...]}}}
 * </pre>
 *
 * What an output leaves out is {@code localhost}, 6379, {@code OUTPUT} and no block; port 0 means
 * gRPC. In a graph, a block takes the outputs under its id, or those of {@code final} when it has
 * none there. Empty text, and a list without outputs, mean no destination: the result is in the log
 * as any other.
 */
public final class OutputPtr {

    /** Characters of the text: it travels with the packet through every block of a graph. */
    public static final int MAX_CHARS = 64 * 1024;

    /** Destinations of one result. */
    public static final int MAX_DESTINATIONS = 32;

    private static final String DEFAULT_HOST = "localhost";
    private static final int DEFAULT_PORT = 6379;
    private static final String DEFAULT_QUEUE = "OUTPUT";
    private static final String FINAL = "final";
    private static final int MAX_PORT = 65_535;
    private static final int MAX_HOST_CHARS = 253;
    private static final int MAX_NAME_CHARS = 1024;

    /** What may stand in the value of a header. */
    private static final Pattern BLOCK_ID = Pattern.compile("[!-~]*");

    private static final Pattern TARGET =
            Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");

    private OutputPtr() {}

    /** What it says, or why it says nothing. */
    public sealed interface Reading {

        /** In the order of the text. */
        record To(List<Destination> destinations) implements Reading {
            public To {
                destinations = List.copyOf(destinations);
            }
        }

        /** The message names the path within the request. */
        record Invalid(String message) implements Reading {}
    }

    /**
     * Reads it for a block.
     *
     * @param path of the text within the request: {@code rpc_data.output_ptr}
     */
    public static Reading read(String text, String path, String blockId) {
        if (text.isEmpty()) {
            return new Reading.To(List.of());
        }
        if (text.length() > MAX_CHARS) {
            return new Reading.Invalid(
                    "%s: %d characters (expected: at most %d)"
                            .formatted(path, text.length(), MAX_CHARS));
        }
        try {
            JsonNode root = EventJson.MAPPER.readTree(text);
            return new Reading.To(destinations(root, path, blockId));
        } catch (JsonProcessingException e) {
            return new Reading.Invalid(
                    path + ": not JSON: " + e.getOriginalMessage() + " (expected: a JSON object)");
        } catch (Mistake e) {
            return new Reading.Invalid(e.message);
        }
    }

    /** Carries a refusal out of the depth of the text. */
    private static final class Mistake extends Exception {

        private final String message;

        private Mistake(String message) {
            super(message, null, false, false);
            this.message = message;
        }
    }

    private static List<Destination> destinations(JsonNode root, String path, String blockId)
            throws Mistake {
        requireObject(root, path);
        JsonNode isGraph = root.path("is_graph");
        if (!isGraph.isMissingNode() && !isGraph.isBoolean()) {
            throw mistake(path + ".is_graph", isGraph, "true or false");
        }
        if (!isGraph.asBoolean()) {
            return outputs(root, path);
        }
        JsonNode graph = root.path("graph");
        String graphPath = path + ".graph";
        requireObject(graph, graphPath);
        List<Destination> own = List.of();
        if (graph.has(blockId)) {
            own = node(graph, graphPath, blockId);
        }
        return own.isEmpty() ? node(graph, graphPath, FINAL) : own;
    }

    private static List<Destination> node(JsonNode graph, String graphPath, String name)
            throws Mistake {
        String path = graphPath + "." + name;
        requireObject(graph.path(name), path);
        return outputs(graph.path(name), path);
    }

    private static List<Destination> outputs(JsonNode node, String path) throws Mistake {
        JsonNode outputs = node.path("outputs");
        String listPath = path + ".outputs";
        if (!outputs.isArray()) {
            throw mistake(listPath, outputs, "a list of outputs");
        }
        if (outputs.size() > MAX_DESTINATIONS) {
            throw new Mistake(
                    "%s: %d outputs (expected: at most %d)"
                            .formatted(listPath, outputs.size(), MAX_DESTINATIONS));
        }
        List<Destination> all = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            all.add(output(outputs.get(i), listPath + "[" + i + "]"));
        }
        return all;
    }

    private static Destination output(JsonNode output, String path) throws Mistake {
        requireObject(output, path);
        String host = text(output, path, "host", DEFAULT_HOST, MAX_HOST_CHARS + 6);
        int port = port(output.get("port"), path + ".port");
        String queue = text(output, path, "queue_name", DEFAULT_QUEUE, MAX_NAME_CHARS);
        String blockId = text(output, path, "block_id", "", MAX_NAME_CHARS);
        if (port == 0) {
            if (!isTarget(host)) {
                throw mistake(path + ".host", output.path("host"), "name:port, since port is 0");
            }
            if (!BLOCK_ID.matcher(blockId).matches()) {
                throw mistake(path + ".block_id", output.path("block_id"), "the id of a block");
            }
            return new Destination.Block(host, blockId);
        }
        if (host.isBlank() || host.length() > MAX_HOST_CHARS) {
            throw mistake(path + ".host", output.path("host"), "the name of a host");
        }
        if (queue.isEmpty()) {
            throw mistake(path + ".queue_name", output.path("queue_name"), "the name of a list");
        }
        return new Destination.RedisList(host, port, queue);
    }

    /** Whether gRPC can make a channel to it. */
    private static boolean isTarget(String host) {
        Matcher target = TARGET.matcher(host);
        if (!target.matches() || Integer.parseInt(target.group(1)) > MAX_PORT) {
            return false;
        }
        try {
            // What is of these characters and still no name: a_b, a..b, -a.
            return new URI("//" + host).getHost() != null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static int port(@Nullable JsonNode port, String path) throws Mistake {
        if (port == null || port.isNull()) {
            return DEFAULT_PORT;
        }
        if (!port.isIntegralNumber()
                || !port.canConvertToInt()
                || port.intValue() < 0
                || port.intValue() > MAX_PORT) {
            throw mistake(path, port, "0 to " + MAX_PORT);
        }
        return port.intValue();
    }

    private static String text(
            JsonNode output, String path, String field, String otherwise, int mostChars)
            throws Mistake {
        JsonNode value = output.get(field);
        if (value == null || value.isNull()) {
            return otherwise;
        }
        if (!value.isTextual() || value.textValue().length() > mostChars) {
            throw mistake(
                    path + "." + field, value, "a text of at most " + mostChars + " characters");
        }
        return value.textValue();
    }

    private static void requireObject(JsonNode node, String path) throws Mistake {
        if (!node.isObject()) {
            throw mistake(path, node, "an object");
        }
    }

    private static Mistake mistake(String path, JsonNode value, String expected) {
        String shown = value.isMissingNode() ? "absent" : value.toString();
        return new Mistake(
                "%s: %s (expected: %s)"
                        .formatted(
                                path,
                                shown.length() > 100 ? shown.substring(0, 100) + "..." : shown,
                                expected));
    }
}
