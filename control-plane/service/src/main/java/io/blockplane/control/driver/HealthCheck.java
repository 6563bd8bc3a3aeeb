package io.blockplane.control.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.blockplane.events.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks an instance whether it is healthy. */
final class HealthCheck implements AutoCloseable {

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(ANSWER_LIMIT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();

    /**
     * As AIOSv1 means it: 2xx, JSON {@code success: true} and {@code data.status: "healthy"};
     * anything else is not.
     */
    boolean healthy(String url) throws InterruptedException {
        return succeeded(ask(url)).path("data").path("status").asText().equals("healthy");
    }

    /** 2xx and JSON {@code success: true}: it is there, whatever it thinks of itself. */
    boolean answers(String url) throws InterruptedException {
        return !succeeded(ask(url)).isMissingNode();
    }

    /** 2xx, whatever it says: how servers of others are asked, which know nothing of AIOSv1. */
    boolean responds(String url) throws InterruptedException {
        try {
            return http.send(request(url), HttpResponse.BodyHandlers.discarding()).statusCode()
                            / 100
                    == 2;
        } catch (IOException | IllegalArgumentException e) {
            return false;
        }
    }

    /** The body of an answer that says it succeeded; missing for any other. */
    private static JsonNode succeeded(JsonNode body) {
        return body.path("success").asBoolean() ? body : MissingNode.getInstance();
    }

    private JsonNode ask(String url) throws InterruptedException {
        try {
            HttpResponse<byte[]> response =
                    http.send(request(url), HttpResponse.BodyHandlers.ofByteArray());
            return response.statusCode() / 100 == 2
                    ? EventJson.MAPPER.readTree(response.body())
                    : MissingNode.getInstance();
        } catch (IOException | IllegalArgumentException e) {
            return MissingNode.getInstance();
        }
    }

    private static HttpRequest request(String url) {
        return HttpRequest.newBuilder(URI.create(url)).timeout(ANSWER_LIMIT).build();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
