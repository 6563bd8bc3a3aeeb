package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.InferenceClient;
import io.blockplane.events.EventJson;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import io.blockplane.proto.aios.AIOSPacket;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Instances that know nothing of Blockplane join a running system. */
class SdkInstanceIT {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final String SPEC =
            """
            {"body":{"spec":{"values":{"blockId":"times","blockComponentURI":"process:times",
              "minInstances":2,"maxInstances":2,"parameters":{"factor":7}}}}}
            """;

    @TempDir Path folder;

    @Test
    void theyAnswerAreMeasuredAndAreReplacedWhenTheyDie() throws Exception {
        Path data = folder.resolve("data");
        Path spec = Files.writeString(folder.resolve("times.json"), SPEC);
        try (UpProcess up = UpProcess.start(data, "--component=times=" + command());
                InferenceClient client = new InferenceClient(up.endpoints().grpc(), "times");
                ApiClient api = new ApiClient(up.endpoints().rest())) {
            CommandLineRun created =
                    CommandLineRun.of("block", "create", spec.toString(), "--data=" + data);
            assertThat(created.exitCode()).as(created.output()).isZero();
            eventually().until(() -> ready(api) == 2);

            assertThat(
                            EventJson.MAPPER
                                    .readTree(
                                            client.predict(packet("p", 1, "{\"number\":6}"), 30_000)
                                                    .join()
                                                    .getPacket()
                                                    .getData())
                                    .path("number")
                                    .asInt())
                    .isEqualTo(42);
            eventually()
                    .untilAsserted(() ->
                            assertThat(documents(up))
                                    .filteredOn(d -> d.path("my_gauge").asInt() == 7)
                                    .hasSize(2)
                                    .allMatch(d -> d.has("nodeKey")));

            for (int i = 0; i < 40; i++) {
                String input = "{\"number\":" + i + ",\"sleep_ms\":100}";
                assertThat(client.infer(packet("s-" + i % 10, i, input), 30_000).join()).isTrue();
            }
            List<ProcessHandle> instances = instances(up);
            assertThat(instances).hasSize(2);
            instances.getFirst().destroyForcibly();

            Kafka kafka = new Kafka(up.endpoints().bootstrapServers());
            eventually().untilAsserted(() -> assertThat(ends(kafka)).hasSize(40));
            assertThat(ends(kafka)).allMatch(e -> e.outcome() == Outcome.COMPLETED);
            assertThat(ends(kafka)).extracting(TaskFinished::taskId).doesNotHaveDuplicates();
            eventually().until(() -> instances(up).size() == 2 && ready(api) == 2);
        }
    }

    private static AIOSPacket packet(String session, long seq, String data) {
        return AIOSPacket.newBuilder()
                .setSessionId(session)
                .setSeqNo(seq)
                .setFramePtr(ByteString.copyFromUtf8("f"))
                .setData(data)
                .build();
    }

    /** A small JVM with nothing of Blockplane's but the packet. */
    private static String command() throws URISyntaxException {
        List<String> path = new ArrayList<>();
        for (Class<?> needed :
                List.of(
                        SdkInstance.class,
                        AIOSPacket.class,
                        Message.class,
                        ObjectMapper.class,
                        com.fasterxml.jackson.core.JsonFactory.class,
                        com.fasterxml.jackson.annotation.JsonProperty.class,
                        io.grpc.stub.ClientCalls.class)) {
            path.add(
                    Path.of(needed.getProtectionDomain().getCodeSource().getLocation().toURI())
                            .toString());
        }
        return Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx48m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        String.join(File.pathSeparator, path),
                        SdkInstance.class.getName())
                .collect(Collectors.joining(" "));
    }

    private static List<ProcessHandle> instances(UpProcess up) {
        return up.descendants().stream()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .orElse("")
                                .endsWith(SdkInstance.class.getName()))
                .toList();
    }

    private static long ready(ApiClient api) throws IOException, InterruptedException {
        long ready = 0;
        for (JsonNode instance : api.block("times").path("instances")) {
            ready += instance.path("state").asText().equals("READY") ? 1 : 0;
        }
        return ready;
    }

    private static List<JsonNode> documents(UpProcess up) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            String body =
                    http.send(
                                    HttpRequest.newBuilder(
                                                    URI.create(
                                                            up.endpoints().rest() + "/block/times"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
            List<JsonNode> documents = new ArrayList<>();
            EventJson.MAPPER.readTree(body).path("data").forEach(documents::add);
            return documents;
        }
    }

    private static List<TaskFinished> ends(Kafka kafka) {
        List<TaskFinished> ends = new ArrayList<>();
        LogScan.events(
                kafka,
                Topic.TASKS,
                record -> {
                    if (record.event() instanceof TaskFinished end
                            && end.sessionId().startsWith("s-")) {
                        ends.add(end);
                    }
                });
        return ends;
    }

    private static org.awaitility.core.ConditionFactory eventually() {
        return Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(200));
    }
}
