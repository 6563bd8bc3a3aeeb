package io.blockplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.control.driver.ProcessDriver;
import io.blockplane.control.driver.TestInstance;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command.Observation;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole role: HTTP in, real log, real processes. */
class ControlPlaneIT {

    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String BLOCK =
            """
            {"body":{"spec":{"values":{"blockId":"life","blockComponentURI":"test",\
            "minInstances":1,"maxInstances":3}}}}\
            """;

    @TempDir Path folder;

    @Test
    void takesABlockThroughALifeWithACrashAndARestart() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("kafka"))) {
            JsonNode before;
            try (ControlPlaneRole role = started(log, "first");
                    Http http = new Http(role.restUrl())) {
                assertThat(http.post("/api/createBlock", BLOCK).status()).isEqualTo(200);
                awaitStates(http, "READY 1");
                String first = instances(http).getFirst().path("instanceId").asText();

                http.post(
                        "/blocks/life/scale", "{\"operation\":\"upscale\",\"instances_count\":5}");
                awaitStates(http, "READY 1", "READY 1", "READY 1");

                http.post(
                        "/blocks/life/scale",
                        "{\"operation\":\"downscale\",\"instances_list\":[\"" + first + "\"]}");
                awaitStates(http, "DRAINING 1", "READY 1", "READY 1");
                log.append(
                        "drained-1",
                        1,
                        new ReportInstance(
                                "life", first, 1, Observation.DRAINED, null, null, null));
                awaitStates(http, "READY 1", "READY 1");

                String second = instances(http).getFirst().path("instanceId").asText();
                assertThat(processOf(second).destroyForcibly()).isTrue();
                awaitStates(http, "READY 2", "READY 1");
                before = http.get("/blocks/life").body();
            }
            assertThat(processes()).as("nothing outlives the role").isEmpty();
            assertTellsTheWholeStory(log.of(Topic.EVENTS, "life"));

            try (ControlPlaneRole role = started(log, "first");
                    Http http = new Http(role.restUrl())) {
                JsonNode after = http.get("/blocks/life").body();
                assertThat(names(after)).as("the same instances").isEqualTo(names(before));
                awaitStates(http, "READY 3", "READY 2");
                assertThat(role.failure()).isNotDone();
            }
        }
    }

    @Test
    void standsBackForANewerOneAndSaysSo() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("kafka"));
                ControlPlaneRole older = started(log, "older");
                Http toOlder = new Http(older.restUrl())) {
            assertThat(toOlder.post("/api/createBlock", BLOCK).status()).isEqualTo(200);
            awaitStates(toOlder, "READY 1");
            try (ControlPlaneRole newer = started(log, "newer");
                    Http toNewer = new Http(newer.restUrl())) {
                assertThat(older.failure().get(60, TimeUnit.SECONDS)).startsWith("fenced: ");
                assertThat(toOlder.get("/health").status()).isEqualTo(503);
                Http.Answer refused =
                        toOlder.post("/blocks/life/scale", "{\"operation\":\"upscale\"}");
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.error().path("code").asText()).isEqualTo("STOPPED");
                assertThat(toOlder.get("/blocks/life").status())
                        .as("it still answers questions")
                        .isEqualTo(200);

                await().atMost(LIMIT)
                        .untilAsserted(() -> {
                            List<String> states = states(toNewer);
                            assertThat(states).hasSize(1);
                            assertThat(states.getFirst())
                                    .startsWith("READY ")
                                    .isNotEqualTo("READY 1");
                            assertThat(processes()).as("of the newer only").hasSize(1);
                        });
                assertThat(newer.failure()).isNotDone();
            }
        }
    }

    private ControlPlaneRole started(TestLog log, String id) throws Exception {
        ControlPlaneRole role =
                new ControlPlaneRole(
                        new ControlPlaneConfig(
                                log.kafka(),
                                id,
                                "127.0.0.1",
                                0,
                                Optional.empty(),
                                folder.resolve("control-" + id),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(60),
                                Set.of(),
                                new ControlPlaneConfig.Driver.Processes(
                                        new ProcessDriver.Config(
                                                Map.of("test", TestInstance.class.getName()),
                                                List.of(
                                                        "-Xmx32m",
                                                        "-XX:+UseSerialGC",
                                                        "-XX:TieredStopAtLevel=1"),
                                                folder.resolve("logs-" + id),
                                                Duration.ofMinutes(5)))));
        role.start();
        return role;
    }

    private static void assertTellsTheWholeStory(List<Event> events) {
        assertThat(events)
                .extracting(e -> e.getClass().getSimpleName())
                .contains(
                        "BlockCreated",
                        "ScaleApplied",
                        "InstanceRequested",
                        "InstanceReady",
                        "InstanceDraining",
                        "InstanceDrained",
                        "InstanceStopped",
                        "InstanceLost");
        long version = 0;
        for (Event event : events) {
            assertThat(((BlockEvent) event).version()).isEqualTo(++version);
        }
        assertThat(events)
                .filteredOn(BlockEvent.ScaleApplied.class::isInstance)
                .extracting(e -> ((BlockEvent.ScaleApplied) e).after())
                .containsExactly(3, 2);
    }

    private static void awaitStates(Http http, String... states) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(states(http)).containsExactly(states));
    }

    /** State and generation of each instance. */
    private static List<String> states(Http http) throws Exception {
        List<String> states = new ArrayList<>();
        for (JsonNode instance : instances(http)) {
            states.add(instance.path("state").asText() + " " + instance.path("generation").asInt());
        }
        return states;
    }

    private static List<JsonNode> instances(Http http) throws Exception {
        List<JsonNode> instances = new ArrayList<>();
        http.get("/blocks/life").body().path("instances").forEach(instances::add);
        return instances;
    }

    private static List<String> names(JsonNode block) {
        return block.path("instances").findValuesAsText("instanceId");
    }

    private static ProcessHandle processOf(String instanceId) {
        return processes().stream()
                .filter(p -> commandLine(p).contains(instanceId))
                .findFirst()
                .orElseThrow();
    }

    private static List<ProcessHandle> processes() {
        return ProcessHandle.current()
                .children()
                .filter(p -> commandLine(p).contains(TestInstance.class.getName()))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        return String.join(" ", process.info().arguments().orElse(new String[0]));
    }
}
