package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.Client.statusOf;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starting, closing, taking over, and what an executor does besides: probes and metrics. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExecutorLifeTest {

    private final LogUnderTest log;

    ExecutorLifeTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
    }

    @AfterAll
    void close() {
        log.close();
    }

    @Test
    void finishesOnCloseWhatInstancesHaveAndLeavesWhatWaitsToTheNextStart() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-close", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            ExecutorRole first = start();
            try (Client client = new Client(first.grpcPort())) {
                awaitRoutable(block);
                client.infer(block.id, packet("s", 1, "sleep 700"));
                client.infer(block.id, packet("s", 2, "x"));
                eventually().untilAsserted(() -> assertThat(echo.seen).hasSize(1));

                first.close();

                assertThat(log.awaitFinished(block.id, 1).getFirst().outcome())
                        .isEqualTo(Outcome.COMPLETED);
                assertThat(statusOf(() -> client.infer(block.id, packet("s", 3, "x"))).getCode())
                        .isEqualTo(Status.Code.UNAVAILABLE);
            }
            assertThat(echo.seen).hasSize(1);
            try (ExecutorRole second = start()) {
                assertThat(log.awaitFinished(block.id, 2))
                        .extracting(TaskFinished::seqNo)
                        .containsExactly("1", "2");
                assertThat(echo.seen).containsExactly("s/1", "s/2");
                assertThat(second.failure()).isNull();
            }
        }
    }

    @Test
    void takesOverFromAnOlderExecutorOfItsIdWhichThenDoesNothingMore() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-over", log.writer);
                ExecutorRole older = start()) {
            EchoInstance echo = block.start("in-a", 4);
            awaitRoutable(block);
            try (Client client = new Client(older.grpcPort())) {
                client.infer(block.id, packet("held", 1, "hold"));
            }
            eventually().untilAsserted(() -> assertThat(echo.holding).hasValue(1));
            try (ExecutorRole newer = start();
                    Client client = new Client(newer.grpcPort())) {
                echo.released.release(10);
                for (int i = 0; i < 20; i++) {
                    client.infer(block.id, packet("new-" + i % 3, i, "x"));
                }

                List<TaskFinished> events = log.awaitFinished(block.id, 21);
                eventually().untilAsserted(() -> assertThat(older.failure()).isNotNull());
                assertThat(newer.failure()).isNull();
                assertThat(events).extracting(TaskFinished::taskId).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void reportsADrainedInstanceAtEveryStartUntilTheLogSaysThatItIsKnown() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-known", log.writer)) {
            block.request("in-known");
            block.draining("in-known");
            for (int starts = 1; starts <= 2; starts++) {
                int expected = starts;
                try (ExecutorRole executor = start()) {
                    eventually()
                            .untilAsserted(() ->
                                    assertThat(log.reports("in-known"))
                                            .hasSizeGreaterThanOrEqualTo(expected));
                    assertThat(executor.failure()).isNull();
                }
            }
            block.drained("in-known");
            int before = log.reports("in-known").size();
            try (ExecutorRole executor = start()) {
                int ticks = log.ticks(block.id).size();
                eventually()
                        .untilAsserted(() ->
                                assertThat(log.ticks(block.id)).hasSizeGreaterThan(ticks + 1));
                assertThat(log.reports("in-known")).hasSize(before);
                assertThat(executor.failure()).isNull();
            }
        }
    }

    @Test
    void anInstanceIsDrainedOnlyWhenNoOtherExecutorHasATaskThere() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-shared", log.writer);
                ExecutorRole busy = start();
                ExecutorRole idle =
                        new ExecutorRole(
                                ExecutorConfig.defaults(log.kafka, "exec-idle").withPorts(0, 0));
                Client client = new Client(busy.grpcPort())) {
            idle.start();
            EchoInstance echo = block.start("in-shared", 4);
            awaitRoutable(block);
            CompletableFuture<PredictResponse> answer =
                    CompletableFuture.supplyAsync(
                            () -> client.predict(block.id, packet("s", 1, "hold")));
            eventually().untilAsserted(() -> assertThat(echo.holding).hasValue(1));

            block.draining("in-shared");
            Thread.sleep(OtherExecutors.LISTEN.plusSeconds(2));

            assertThat(log.reports("in-shared")).isEmpty();
            echo.released.release(1);
            assertThat(answer.get(60, TimeUnit.SECONDS).getInstanceId()).isEqualTo("in-shared");
            eventually().untilAsserted(() -> assertThat(log.reports("in-shared")).isNotEmpty());
        }
    }

    @Test
    void probesEveryInstanceAsTheBlocksPolicyAsks() throws Exception {
        HttpServer sick =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        sick.createContext(
                "/",
                exchange -> {
                    byte[] body =
                            "{\"success\":true,\"data\":{\"status\":\"tired\"}}"
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        sick.start();
        var policies = new TreeMap<String, PolicyBinding>();
        policies.put(
                "stabilityChecker",
                new PolicyBinding(
                        "builtin:threshold",
                        Json.EMPTY_OBJECT,
                        Json.parse("{\"health_check_interval\": 0.2}")));
        try (BlockUnderTest block = new BlockUnderTest("blk-probe", log.writer, policies);
                ExecutorRole executor = start()) {
            block.start("in-well", 1);
            ready(block, "in-sick", "http://127.0.0.1:" + sick.getAddress().getPort() + "/health");
            ready(block, "in-dead", "http://127.0.0.1:1/health");
            String foreign = "http://127.0.0.1:" + sick.getAddress().getPort() + "/v1";
            block.request("in-openai");
            block.ready(
                    "in-openai", 1, new InstanceAddress("openai", foreign, foreign + "/models"));

            eventually()
                    .untilAsserted(
                            () -> assertThat(log.probes(block.id)).hasSizeGreaterThanOrEqualTo(12));

            assertThat(verdict(block, "in-well")).isEqualTo("true 200 null");
            assertThat(verdict(block, "in-sick"))
                    .isEqualTo("false 200 data.status: \"tired\" (expected: \"healthy\")");
            assertThat(verdict(block, "in-openai"))
                    .as("it knows nothing of that contract")
                    .isEqualTo("true 200 null");
            assertThat(verdict(block, "in-dead")).startsWith("false null java.net.Connect");
            List<Long> rounds =
                    log.probes(block.id).stream()
                            .filter(p -> p.instanceId().equals("in-well"))
                            .map(ProbeRecorded::round)
                            .toList();
            assertThat(rounds).isSorted().doesNotHaveDuplicates();
            assertThat(executor.failure()).isNull();
        } finally {
            sick.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    200 | {"success":true,"data":{"status":"healthy"}} | healthy
                    204 | {"success":true,"data":{"status":"healthy"}} | healthy
                    500 | {"success":true,"data":{"status":"healthy"}} | status 500 (expected: 2xx)
                    302 | {"success":true,"data":{"status":"healthy"}} | status 302 (expected: 2xx)
                    200 | {"success":true,"data":{"healthy":true}}     | data.status:  (expected: "healthy")
                    200 | {"success":true,"data":null}                 | data.status:  (expected: "healthy")
                    200 | {"success":"true"}                           | success: "true" (expected: true)
                    200 | healthy                                      | body: no JSON: Unrecognized token
                    200 | []                                           | success:  (expected: true)
                    """)
    void callsHealthyWhatTheContractCallsHealthy(int status, String body, String expected) {
        String judged = Prober.judge(status, body.getBytes(StandardCharsets.UTF_8));

        assertThat(judged == null ? "healthy" : judged).startsWith(expected);
    }

    @Test
    void tellsPrometheus() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-metrics", log.writer);
                ExecutorRole executor = start();
                Client client = new Client(executor.grpcPort())) {
            block.start("in-a", 1);
            awaitRoutable(block);
            client.infer(block.id, packet("s", 1, "x"));
            client.predict(block.id, packet("s", 2, "x"));
            statusOf(() -> client.predict("blk-none", packet("s", 2, "x")));
            log.awaitFinished(block.id, 2);

            String metrics = get("http://127.0.0.1:" + executor.metricsPort() + "/metrics");

            assertThat(metrics.lines())
                    .contains(
                            "tasks_processed_total 2.0",
                            "blockplane_executor_accepted_total{block=\"blk-metrics\",} 1.0",
                            "blockplane_executor_tasks_total{block=\"blk-metrics\",entry=\"infer\","
                                    + "outcome=\"completed\",} 1.0",
                            "blockplane_executor_refused_total{method=\"Predict\","
                                    + "code=\"NOT_FOUND\",} 1.0",
                            "blockplane_executor_queued_tasks{block=\"blk-metrics\",} 0.0")
                    .anyMatch(line -> line.startsWith("latency "))
                    .anyMatch(line -> line.startsWith("blockplane_executor_commit_seconds_count"));
        }
    }

    @Test
    void dropsCountsAndNamesWhatItCantKeepWhileKafkaIsAway(@TempDir Path dir) throws Exception {
        try (LogUnderTest away = LogUnderTest.start(dir)) {
            ExecutorMetrics metrics = new ExecutorMetrics();
            TaskLog taskLog =
                    TaskLog.start(
                            away.kafka,
                            "exec-9",
                            new GroupMembership(),
                            Clock.systemUTC(),
                            metrics);
            away.stopBroker();
            int tooMany = TaskLog.MAX_DROPPABLE + 2 * TaskLog.MAX_BATCH;
            for (int i = 0; i < tooMany; i++) {
                Ticked tick = new Ticked("blk", "exec-9", i * 1000L, 0, List.of());
                taskLog.submit(now ->
                        new TaskLog.Entry(
                                new Envelope<>(
                                        "tick-" + tick.atMs(),
                                        "/test",
                                        now.toEpochMilli(),
                                        null,
                                        null,
                                        tick),
                                null,
                                null));
            }
            Double dropped =
                    metrics.registry().getSampleValue("blockplane_executor_dropped_events_total");
            assertThat(dropped).isBetween(1.0, 2.0 * TaskLog.MAX_BATCH);

            away.startBroker();

            int kept = tooMany - dropped.intValue();
            eventually().untilAsserted(() -> assertThat(away.taskRecords().size()).isEqualTo(kept));
            assertThat(away.taskRecords())
                    .extracting(r -> r.envelope().id())
                    .doesNotHaveDuplicates();
            assertThat(taskLog.failure()).isNull();
            taskLog.close();
        }
    }

    private ExecutorRole start() throws Exception {
        ExecutorRole executor =
                new ExecutorRole(ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0));
        executor.start();
        return executor;
    }

    private static void ready(BlockUnderTest block, String instanceId, String healthUrl)
            throws Exception {
        block.request(instanceId);
        block.ready(instanceId, 1, new InstanceAddress("grpc", "127.0.0.1:1", healthUrl));
    }

    private String verdict(BlockUnderTest block, String instanceId) {
        return log.probes(block.id).stream()
                .filter(p -> p.instanceId().equals(instanceId))
                .map(p -> p.healthy() + " " + p.httpStatus() + " " + p.detail())
                .findFirst()
                .orElse("never probed");
    }

    private void awaitRoutable(BlockUnderTest block) {
        eventually()
                .untilAsserted(() ->
                        assertThat(log.ticks(block.id)).anyMatch(t -> !t.instances().isEmpty()));
    }

    private static String get(String url) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
