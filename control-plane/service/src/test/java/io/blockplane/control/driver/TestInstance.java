package io.blockplane.control.driver;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** An instance that is only healthy: what the driver needs of one, and nothing else. */
public final class TestInstance {

    private TestInstance() {}

    public static void main(String[] args) throws IOException {
        System.out.println("starting with " + String.join(" ", args));
        HttpServer health =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        byte[] body =
                "{\"success\":true,\"data\":{\"status\":\"healthy\"}}"
                        .getBytes(StandardCharsets.UTF_8);
        health.createContext(
                "/health",
                exchange -> {
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        health.start();
        int port = health.getAddress().getPort();
        System.out.println(
                "READY grpc=127.0.0.1:" + port + " health=http://127.0.0.1:" + port + "/health");
        while (System.in.read() != -1) {
            // Nothing is said; only the end matters.
        }
        System.exit(0);
    }

    /** An instance that can't start. */
    public static final class Broken {
        private Broken() {}

        public static void main(String[] args) {
            System.out.println("no model for " + args.length + " arguments");
            System.exit(3);
        }
    }
}
