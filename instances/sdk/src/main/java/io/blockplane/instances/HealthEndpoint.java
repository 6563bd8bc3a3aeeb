package io.blockplane.instances;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /health} as AIOSv1 health checkers know it: 200 {@code
 * {"success":true,"data":{"status":"healthy"}}}, 500 with {@code "success":false} when the instance
 * can't say.
 */
final class HealthEndpoint implements AutoCloseable {

    static final String PATH = "/health";

    private static final Logger LOG = LoggerFactory.getLogger(HealthEndpoint.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int BACKLOG = 50;

    private record Healthy(boolean success, Health data) {}

    private record Failed(boolean success, String message) {}

    private final Instance instance;
    private final HttpServer server;
    private final ExecutorService threads;

    private HealthEndpoint(Instance instance, HttpServer server, ExecutorService threads) {
        this.instance = instance;
        this.server = server;
        this.threads = threads;
    }

    static HealthEndpoint start(Instance instance, int port) throws IOException {
        HttpServer server =
                HttpServer.create(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HealthEndpoint endpoint = new HealthEndpoint(instance, server, threads);
        server.setExecutor(threads);
        server.createContext("/", endpoint::handle);
        server.start();
        return endpoint;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (!exchange.getRequestURI().getPath().equals(PATH)) {
                send(exchange, 404, new Failed(false, "not found (expected: " + PATH + ")"));
            } else if (!exchange.getRequestMethod().equals("GET")) {
                send(exchange, 405, new Failed(false, "method not allowed (expected: GET)"));
            } else {
                health(exchange);
            }
        }
    }

    private void health(HttpExchange exchange) throws IOException {
        Health health;
        try {
            health = instance.health();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("instance failed to say how it is");
            send(exchange, 500, new Failed(false, e.toString()));
            return;
        }
        send(exchange, 200, new Healthy(true, health));
    }

    private static void send(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
