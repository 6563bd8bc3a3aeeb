package io.blockplane.instances;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP that AIOSv1 instances answer: {@code GET /health}, {@code POST /setParameters}, {@code
 * POST /mgmt}; and {@code GET /metrics} for Prometheus. Answers are {@code
 * {"success":true,"data":...}}; 400 and 500 have {@code "success":false} and a message.
 */
final class ManagementEndpoint implements AutoCloseable {

    static final String HEALTH = "/health";
    static final String PARAMETERS = "/setParameters";
    static final String MANAGEMENT = "/mgmt";
    static final String METRICS = "/metrics";

    /** Of a body; beyond it the request is refused. */
    static final int MAX_BODY_BYTES = 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(ManagementEndpoint.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BACKLOG = 50;

    private final Instance instance;
    private final CollectorRegistry metrics;
    private final HttpServer server;
    private final ExecutorService threads;

    private ManagementEndpoint(
            Instance instance,
            CollectorRegistry metrics,
            HttpServer server,
            ExecutorService threads) {
        this.instance = instance;
        this.metrics = metrics;
        this.server = server;
        this.threads = threads;
    }

    private record Answer(int status, ObjectNode body) {}

    static ManagementEndpoint start(Instance instance, CollectorRegistry metrics, int port)
            throws IOException {
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ManagementEndpoint endpoint = new ManagementEndpoint(instance, metrics, server, threads);
        server.setExecutor(threads);
        server.createContext("/", endpoint::handle);
        server.start();
        return endpoint;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + HEALTH;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (exchange.getRequestURI().getPath().equals(METRICS)) {
                StringWriter text = new StringWriter();
                TextFormat.write004(text, metrics.metricFamilySamples());
                send(
                        exchange,
                        200,
                        TextFormat.CONTENT_TYPE_004,
                        text.toString().getBytes(StandardCharsets.UTF_8));
            } else {
                Answer answer = answer(exchange);
                send(
                        exchange,
                        answer.status(),
                        "application/json",
                        JSON.writeValueAsBytes(answer.body()));
            }
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String expected =
                switch (path) {
                    case HEALTH -> "GET";
                    case PARAMETERS, MANAGEMENT -> "POST";
                    default -> "";
                };
        if (expected.isEmpty()) {
            return failed(
                    404,
                    "not found (expected: " + HEALTH + ", " + PARAMETERS + ", " + MANAGEMENT + ")");
        }
        if (!exchange.getRequestMethod().equals(expected)) {
            return failed(405, "method not allowed (expected: " + expected + ")");
        }
        try {
            return switch (path) {
                case HEALTH -> ok("data", JSON.valueToTree(instance.health()));
                case PARAMETERS -> ok("updated_parameters", instance.onUpdate(object(exchange)));
                default -> manage(object(exchange));
            };
        } catch (IllegalArgumentException e) {
            return failed(400, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("path", path).setCause(e).log("instance failed to answer");
            return failed(500, e.toString());
        }
    }

    private Answer manage(JsonNode call) {
        String action = call.path("mgmt_action").asText("");
        if (action.isEmpty()) {
            return failed(400, "mgmt_action is required");
        }
        return ok("data", instance.management(action, call.path("mgmt_data")));
    }

    private static JsonNode object(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw new IllegalArgumentException(
                    "body: too long (expected: at most " + MAX_BODY_BYTES + " bytes)");
        }
        JsonNode read;
        try {
            read = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "body: not JSON: " + e.getOriginalMessage() + " (expected: an object)", e);
        }
        if (!read.isObject()) {
            throw new IllegalArgumentException(
                    "body: " + read.getNodeType() + " (expected: a JSON object)");
        }
        return read;
    }

    private static Answer ok(String field, JsonNode value) {
        ObjectNode body = JSON.createObjectNode().put("success", true);
        body.set(field, value);
        return new Answer(200, body);
    }

    private static Answer failed(int status, String message) {
        return new Answer(
                status, JSON.createObjectNode().put("success", false).put("message", message));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
