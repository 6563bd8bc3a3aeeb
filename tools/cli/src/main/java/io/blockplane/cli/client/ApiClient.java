package io.blockplane.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** The management API over HTTP. A refusal becomes a {@link Refused} with the server's message. */
public final class ApiClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;

    public ApiClient(String base) {
        this.base = base;
    }

    /** The server said no; the message is for people and names the field. */
    public static final class Refused extends IOException {
        Refused(int status, String message, List<String> findings) {
            super(
                    message
                            + " (HTTP "
                            + status
                            + ")"
                            + findings.stream()
                                    .map(finding -> "\n  - " + finding)
                                    .collect(Collectors.joining()));
        }
    }

    public JsonNode createBlock(String specification) throws IOException, InterruptedException {
        return send(post("/api/createBlock", specification));
    }

    public JsonNode blocks() throws IOException, InterruptedException {
        return send(get("/blocks"));
    }

    public JsonNode block(String blockId) throws IOException, InterruptedException {
        return send(get("/blocks/" + encode(blockId)));
    }

    public JsonNode scale(String blockId, String request) throws IOException, InterruptedException {
        return send(post("/blocks/" + encode(blockId) + "/scale", request));
    }

    /**
     * Changes which policy decides something for a block.
     *
     * @param name of what it decides
     * @param change {@code activate}, {@code shadow}, {@code unshadow} or {@code rollback}
     */
    public JsonNode changePolicy(String blockId, String name, String change, Json request)
            throws IOException, InterruptedException {
        return send(
                post(
                        "/blocks/%s/policies/%s/%s"
                                .formatted(encode(blockId), encode(name), change),
                        request.text()));
    }

    /**
     * Calls a policy's management.
     *
     * @param component {@code executor}, {@code autoscaler} or {@code health-checker}
     */
    public JsonNode manage(String blockId, String component, Json request)
            throws IOException, InterruptedException {
        return send(
                post(
                        "/block/%s/%s/mgmt".formatted(encode(blockId), encode(component)),
                        request.text()));
    }

    public JsonNode deletePolicy(String uri) throws IOException, InterruptedException {
        return send(request("/policy/" + encode(uri)).DELETE().build());
    }

    public JsonNode policies() throws IOException, InterruptedException {
        return send(get("/policies"));
    }

    public JsonNode registerPolicy(Json entry) throws IOException, InterruptedException {
        return send(post("/policy", entry.text()));
    }

    /**
     * Uploads an archive; the answer's {@code data} has {@code path}, {@code url}, {@code sha256}
     * and {@code size}.
     */
    public JsonNode upload(String fileName, byte[] content)
            throws IOException, InterruptedException {
        String boundary = UUID.randomUUID().toString();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String head =
                """
                --%s\r
                Content-Disposition: form-data; name="path"\r
                \r
                .\r
                --%s\r
                Content-Disposition: form-data; name="file"; filename="%s"\r
                Content-Type: application/zip\r
                \r
                """
                        .formatted(boundary, boundary, fileName);
        body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
        body.writeBytes(content);
        body.writeBytes(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return send(
                request("/upload")
                        .header("content-type", "multipart/form-data; boundary=" + boundary)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                        .build());
    }

    @Override
    public void close() {
        http.close();
    }

    private HttpRequest get(String path) {
        return request(path).GET().build();
    }

    private HttpRequest post(String path, String json) {
        return request(path)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        JsonNode body = parse(response);
        if (response.statusCode() / 100 != 2) {
            List<String> findings = new ArrayList<>();
            body.at("/error/findings").forEach(finding -> findings.add(finding.asText()));
            throw new Refused(
                    response.statusCode(), body.path("message").asText(response.body()), findings);
        }
        return body;
    }

    private static JsonNode parse(HttpResponse<String> response) throws IOException {
        try {
            return EventJson.MAPPER.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "%s answered %d with something that is not JSON"
                            .formatted(response.uri(), response.statusCode()),
                    e);
        }
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
