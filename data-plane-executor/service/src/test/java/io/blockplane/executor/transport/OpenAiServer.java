package io.blockplane.executor.transport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.blockplane.events.InstanceAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server of the OpenAI API as its public specification has it: chat completions, completions and
 * embeddings, server-sent events with a role chunk first, the usage chunk with empty choices last,
 * then {@code [DONE]}. The model named in a request says how it behaves: {@code status-429}, {@code
 * hang}, {@code cut} (closes in the middle of a stream), {@code endless}; any other answers.
 */
final class OpenAiServer implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    final List<JsonNode> requests = new CopyOnWriteArrayList<>();
    final List<String> paths = new CopyOnWriteArrayList<>();
    final AtomicInteger chunksWritten = new AtomicInteger();
    final CountDownLatch callerGone = new CountDownLatch(1);

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    OpenAiServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext("/v1/", this::handle);
        server.start();
    }

    InstanceAddress address(String suffix) {
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        return new InstanceAddress("openai", base + "/v1" + suffix, base + "/health");
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            JsonNode request = JSON.readTree(exchange.getRequestBody());
            paths.add(path);
            requests.add(request);
            String model = request.path("model").asText();
            if (model.isEmpty()) {
                error(exchange, 422, "{\"detail\":\"Field required: model\"}");
            } else if (model.startsWith("status-")) {
                int status = Integer.parseInt(model.substring("status-".length()));
                error(exchange, status, "{\"error\":{\"message\":\"as asked\",\"code\":null}}");
            } else if (model.equals("hang")) {
                Thread.sleep(60_000);
            } else if (request.path("stream").asBoolean()) {
                stream(exchange, path, request);
            } else {
                whole(exchange, path, request);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void whole(HttpExchange exchange, String path, JsonNode request)
            throws IOException {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("id", "x-1").put("model", request.path("model").asText());
        switch (path) {
            case "/v1/chat/completions" ->
                    answer.putArray("choices")
                            .addObject()
                            .put("index", 0)
                            .put("finish_reason", "stop")
                            .putObject("message")
                            .put("role", "assistant")
                            .put("content", "Grüße, world");
            case "/v1/completions" ->
                    answer.putArray("choices")
                            .addObject()
                            .put("index", 0)
                            .put("finish_reason", "stop")
                            .put("text", "once upon");
            default -> answer.putArray("data").addObject().putArray("embedding").add(0.5);
        }
        ObjectNode usage = answer.putObject("usage");
        usage.put("prompt_tokens", 11).put("total_tokens", 14);
        if (!path.equals("/v1/embeddings")) {
            usage.put("completion_tokens", 3);
        }
        send(exchange, 200, "application/json", answer.toString());
    }

    private void stream(HttpExchange exchange, String path, JsonNode request) throws IOException {
        String model = request.path("model").asText();
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        boolean chat = path.endsWith("/chat/completions");
        if (chat) {
            event(
                    out,
                    "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
        }
        out.write(": a comment\n\n".getBytes(StandardCharsets.UTF_8));
        int words = model.equals("endless") ? 10_000_000 : 3;
        String text = model.equals("endless") ? "x".repeat(1000) : "Grüße ";
        try {
            for (int i = 0; i < words; i++) {
                event(
                        out,
                        chat
                                ? "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}"
                                        .formatted(text)
                                : "{\"choices\":[{\"index\":0,\"text\":\"%s\"}]}".formatted(text));
                chunksWritten.incrementAndGet();
                if (model.equals("cut")) {
                    out.flush();
                    throw new IOException("cut");
                }
            }
        } catch (IOException e) {
            callerGone.countDown();
            throw e;
        }
        event(out, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        if (request.path("stream_options").path("include_usage").asBoolean()) {
            event(out, "{\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3}}");
        }
        event(out, "[DONE]");
    }

    private static void event(OutputStream out, String data) throws IOException {
        out.write(("data: " + data + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void error(HttpExchange exchange, int status, String body) throws IOException {
        send(exchange, status, "application/json", body);
    }

    private static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
