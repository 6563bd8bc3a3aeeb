package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.blockplane.proto.aios.AIOSPacket;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Does on the wire what an instance of the AIOSv1 Instance SDK does, and nothing else: it knows no
 * Blockplane. It reads its block, beats on three HTTP paths, pops packets one at a time, pings
 * before each push, and pushes a metrics document again and again. One thing the real one has in
 * its code and this one is told: where the Redis is.
 *
 * <p>Its block multiplies numbers: {@code {"number": 3}} with the parameter {@code factor}. Data
 * {@code {"sleep_ms": n}} keeps it busy.
 */
public final class SdkInstance {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long METRICS_EVERY_MS = 500;

    private final String blockId = System.getenv("BLOCK_ID");
    private final String instanceId = System.getenv("INSTANCE_ID");
    private final String host;
    private final int port;
    private final AtomicLong tasks = new AtomicLong();
    private volatile long factor;

    private SdkInstance(String redis) {
        this.host = redis.substring(0, redis.indexOf(':'));
        this.port = Integer.parseInt(redis.substring(redis.indexOf(':') + 1));
    }

    public static void main(String[] args) throws Exception {
        new SdkInstance(System.getenv("BLOCKPLANE_REDIS")).run();
    }

    private void run() throws Exception {
        JsonNode block = block();
        for (String key : List.of("blockInitData", "initSettings", "parameters", "policies")) {
            if (!block.path(key).isObject()) {
                throw new IllegalStateException(key + " is no object: " + block);
            }
        }
        factor = block.at("/parameters/factor").asLong(1);
        serveHttp();
        Thread.ofPlatform().daemon().start(this::pushMetrics);
        Thread.ofPlatform().daemon().start(this::popParameters);
        try (Redis in = new Redis();
                Redis out = new Redis()) {
            while (true) {
                Object popped = in.say("BRPOP", bytes(blockId + "_inputs"), bytes("0"));
                if (popped instanceof List<?> pair && pair.get(1) instanceof byte[] packet) {
                    work(AIOSPacket.parseFrom(packet), out);
                }
            }
        }
    }

    private void work(AIOSPacket packet, Redis out) throws Exception {
        JsonNode input = JSON.readTree(packet.getData());
        Thread.sleep(input.path("sleep_ms").asLong(0));
        ObjectNode output = JSON.createObjectNode();
        output.put("number", input.path("number").asLong() * factor);
        output.put("instance", instanceId);
        // As python's protobuf does: all other fields, known or not, stay.
        AIOSPacket answer = packet.toBuilder().setData(JSON.writeValueAsString(output)).build();
        tasks.incrementAndGet();
        if (!packet.getOutputPtr().isEmpty()) {
            throw new IllegalStateException("it would have to deliver by itself");
        }
        out.say("PING");
        out.say("LPUSH", bytes("OUTPUT"), answer.toByteArray());
    }

    private JsonNode block() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    System.getenv("BLOCKS_DB_URI")
                                                            + "/blocks/"
                                                            + blockId))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("blocks DB: " + answer.statusCode());
            }
            return JSON.readTree(answer.body());
        }
    }

    private void serveHttp() throws IOException {
        int mgmtPort = Integer.parseInt(System.getenv("MGMT_PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress(mgmtPort), 0);
        server.createContext(
                "/health",
                call -> answer(call, 200, "{\"success\":true,\"data\":{\"status\":\"healthy\"}}"));
        server.createContext(
                "/setParameters",
                call -> {
                    factor = JSON.readTree(call.getRequestBody()).path("factor").asLong(factor);
                    answer(call, 200, "{\"success\":true,\"updated_parameters\":{}}");
                });
        server.createContext(
                "/mgmt",
                call -> {
                    boolean named = JSON.readTree(call.getRequestBody()).hasNonNull("mgmt_action");
                    answer(
                            call,
                            named ? 200 : 400,
                            named
                                    ? "{\"success\":true,\"data\":" + factor + "}"
                                    : "{\"success\":false,\"message\":\"mgmt_action is"
                                            + " required\"}");
                });
        server.start();
    }

    private static void answer(HttpExchange call, int status, String body) throws IOException {
        try (call) {
            byte[] bytes = bytes(body);
            call.getResponseHeaders().set("Content-Type", "application/json");
            call.sendResponseHeaders(status, bytes.length);
            call.getResponseBody().write(bytes);
        }
    }

    private void pushMetrics() {
        try (Redis redis = new Redis()) {
            while (true) {
                ObjectNode document = JSON.createObjectNode();
                document.put("blockId", blockId).put("instanceId", instanceId).put("nodeId", "");
                document.put("type", "app").put("timestamp", System.currentTimeMillis() / 1e3);
                document.put("on_data_count_total", (double) tasks.get());
                document.put("my_gauge", factor);
                for (String name : List.of("queue_length", "latency", "llm_ttft_rolling")) {
                    ObjectNode rolling = document.putObject(name);
                    for (String length :
                            List.of("current", "average_1m", "average_5m", "average_15m")) {
                        rolling.put(length, 0.25);
                    }
                }
                redis.say("PING");
                redis.say("LPUSH", bytes("NODE_METRICS"), JSON.writeValueAsBytes(document));
                redis.say("LLEN", bytes(blockId + "_inputs"));
                Thread.sleep(METRICS_EVERY_MS);
            }
        } catch (IOException | InterruptedException e) {
            System.out.println("ends: " + e);
        }
    }

    private void popParameters() {
        try (Redis redis = new Redis()) {
            while (true) {
                if (redis.say("BRPOP", bytes("PARAMETER_UPDATES"), bytes("0"))
                                instanceof List<?> pair
                        && pair.get(1) instanceof byte[] update) {
                    factor = JSON.readTree(update).path("factor").asLong(factor);
                }
            }
        } catch (IOException e) {
            System.out.println("ends: " + e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Enough of a Redis client. */
    private final class Redis implements AutoCloseable {

        private final Socket socket = new Socket(host, port);
        private final InputStream in = new BufferedInputStream(socket.getInputStream());

        private Redis() throws IOException {
            say("CLIENT", bytes("SETINFO"), bytes("LIB-NAME"), bytes("redis-py"));
        }

        private Object say(String name, byte[]... arguments) throws IOException {
            ByteArrayOutputStream command = new ByteArrayOutputStream();
            command.write(bytes("*" + (arguments.length + 1) + "\r\n"));
            command.write(bytes("$" + name.length() + "\r\n" + name + "\r\n"));
            for (byte[] argument : arguments) {
                command.write(bytes("$" + argument.length + "\r\n"));
                command.write(argument);
                command.write(bytes("\r\n"));
            }
            socket.getOutputStream().write(command.toByteArray());
            return reply();
        }

        private Object reply() throws IOException {
            String line = line();
            int size = line.startsWith("+") || line.startsWith("-") ? 0 : number(line);
            return switch (line.charAt(0)) {
                case '+' -> line;
                case ':' -> (long) size;
                case '$' -> size < 0 ? "nothing" : bulk(size);
                case '*' -> size < 0 ? "nothing" : List.of(reply(), reply());
                default -> throw new IOException(line);
            };
        }

        private byte[] bulk(int size) throws IOException {
            byte[] value = in.readNBytes(size);
            line();
            return value;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next != '\n'; next = in.read()) {
                if (next < 0) {
                    throw new EOFException();
                }
                line.append((char) next);
            }
            return line.toString().strip();
        }

        private static int number(String line) {
            return Integer.parseInt(line.substring(1));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
