package io.blockplane.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.windows.BlockWindows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The runner on a real broker with real policies; windows are computed by the library from made-up
 * tasks.
 */
class RunnerOnBrokerTest {

    private static final long T0 = 1_763_748_000_000L;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private static final String COOLDOWN_POLICY =
            """
            import time

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.cooldown = parameters["cooldown_seconds"]
                    self.last = None
                    self.seen = 0

                def eval(self, parameters, input_data, context):
                    self.seen += 1
                    tokens = sum(
                        d["llm_input_tokens_per_minute_rolling"]["average_1m"]
                        for d in self.get_metrics()["block_metrics"]
                        if d["instanceId"] in input_data["current_instances"])
                    now = time.time()
                    if self.last is not None and now - self.last <= self.cooldown:
                        return {"skip": True, "reason": "cooling down, call %d" % self.seen}
                    if tokens > 100:
                        self.last = now
                        return {"skip": False, "operation": "upscale", "instances_count": 1,
                                "reason": "%.0f tokens a minute" % tokens}
                    return {"skip": True, "reason": "quiet"}

                def management(self, action, data):
                    return {}
            """;

    private static final String HANGING_POLICY =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    pass

                def eval(self, parameters, input_data, context):
                    while True:
                        pass
            """;

    @TempDir static Path dataDir;
    private static KafkaNode node;
    private static Kafka kafka;
    private static LogWriter writer;
    private static PolicyEngine engine;

    @BeforeAll
    static void startBroker() throws Exception {
        node = KafkaNode.start(dataDir, 0);
        kafka = new Kafka(node.bootstrapServers());
        Topics.ensure(kafka, 2, (short) 1);
        writer = new LogWriter(kafka, "test");
        engine = PolicyEngine.create();
        engine.warmUp().get(2, TimeUnit.MINUTES);
    }

    @AfterAll
    static void stopBroker() {
        engine.close();
        writer.close();
        node.close();
    }

    @Test
    void decidesOnWindowsAndAsksForMoreInTheSameTransaction() throws Exception {
        publish("cool:1.0-stable", COOLDOWN_POLICY);
        create("busy", "cool:1.0-stable");
        try (RunnerRole runner = new RunnerRole(new RunnerConfig(kafka, "one"), engine)) {
            runner.start();
            close("busy", 1, 500);
            close("busy", 2, 500);
            Awaitility.await()
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(decisions("busy")).hasSizeGreaterThan(1));
            List<LogRecord<Event>> records = decisions("busy");
            assertThat(decided(records.getFirst()).call()).isEqualTo(Call.INIT);
            PolicyDecided first = decided(records.get(1));
            assertThat(first.outcome())
                    .as(String.valueOf(first.error()))
                    .isEqualTo(Outcome.RETURNED);
            assertThat(first.action().operation()).isEqualTo(Operation.UPSCALE);
            assertThat(first.input().node().path("current_instances").toString())
                    .isEqualTo("[\"in-aaaa\"]");
            LogRecord<Event> command = commands("busy").getFirst();
            assertThat(command.event())
                    .isEqualTo(
                            new ScaleBlock(
                                    "busy",
                                    Operation.UPSCALE,
                                    1,
                                    List.of(),
                                    first.action().reason()));
            assertThat(command.envelope().causationId())
                    .isEqualTo(records.get(1).envelope().id())
                    .isEqualTo("dec-busy-scale-1");
            assertThat(records.get(1).envelope().causationId())
                    .isEqualTo(WindowClosed.id("busy", first.logicalTimeMs()));
            assertThat(runner.failure()).isNull();
        }
        assertChainHolds("busy");
    }

    @Test
    void keepsTheCooldownAndTheCountersOfARunnerThatWasReplaced() throws Exception {
        publish("cool:2.0-stable", COOLDOWN_POLICY);
        create("held", "cool:2.0-stable");
        RunnerRole first = new RunnerRole(new RunnerConfig(kafka, "old"), engine);
        first.start();
        close("held", 1, 500);
        awaitDecisionAt("held", T0 + 1000);
        close("held", 2, 500);
        awaitDecisionAt("held", T0 + 2000);

        // The first is not closed: the second has to fence it.
        try (RunnerRole second = new RunnerRole(new RunnerConfig(kafka, "new"), engine)) {
            second.start();
            close("held", 3, 500);
            awaitDecisionAt("held", T0 + 3000);
            List<LogRecord<Event>> records = decisions("held");
            PolicyDecided last = decided(records.getLast());
            assertThat(last.action().reason()).isEqualTo("cooling down, call 3");
            assertThat(last.incarnation()).isEqualTo(2);
            assertThat(records.stream().filter(r -> decided(r).call() == Call.INIT)).hasSize(1);
            assertThat(commands("held")).hasSize(1);
            Awaitility.await()
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(first.failure()).isNotNull());
        } finally {
            first.close();
        }
        assertChainHolds("held");
    }

    @Test
    void aPolicyThatNeverReturnsHoldsUpNobodyElse() throws Exception {
        publish("hang:1.0-stable", HANGING_POLICY);
        publish("cool:3.0-stable", COOLDOWN_POLICY);
        create("stuck", "hang:1.0-stable");
        create("lively", "cool:3.0-stable");
        try (RunnerRole runner = new RunnerRole(new RunnerConfig(kafka, "three"), engine)) {
            runner.start();
            close("stuck", 1, 500);
            for (int second = 1; second <= 5; second++) {
                close("lively", second, 500);
                awaitDecisionAt("lively", T0 + second * 1000L);
            }
            awaitDecisionAt("stuck", T0 + 1000);
            PolicyDecided cut = decided(decisions("stuck").getLast());
            assertThat(cut.outcome()).isEqualTo(Outcome.TIMED_OUT);
            assertThat(cut.action().operation()).isEqualTo(Operation.NONE);
            assertThat(cut.fallbacks()).isNotEmpty();
            assertThat(runner.failure()).isNull();
        }
        assertChainHolds("stuck");
        assertChainHolds("lively");
    }

    private static void publish(String uri, String source) throws Exception {
        PolicyArchive archive = PolicyArchive.ofFunction(source);
        append(
                "archive-" + uri,
                new ArchiveStored(
                        archive.sha256(),
                        archive.sizeBytes(),
                        Base64.getEncoder().encodeToString(archive.content())));
        append(
                "policy-" + uri,
                new PolicyRegistered(
                        uri,
                        archive.sha256(),
                        Json.EMPTY_OBJECT,
                        Json.parse("{\"cooldown_seconds\":600}"),
                        Json.EMPTY_OBJECT));
    }

    private static void create(String blockId, String policyUri) throws Exception {
        BlockSpec spec =
                new BlockSpec(
                        blockId,
                        "builtin:embedding",
                        1,
                        4,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        new TreeMap<>(
                                Map.of(
                                        "autoscaler",
                                        new PolicyBinding(
                                                policyUri,
                                                Json.EMPTY_OBJECT,
                                                Json.parse("{\"intervalSeconds\":1}")))));
        append("evt-" + blockId + "-1", new BlockCreated(blockId, 1, spec));
        append("evt-" + blockId + "-2", new InstanceRequested(blockId, 2, "in-aaaa", 1));
    }

    /** Appends the window of a second, after so many tokens in each second before. */
    private static void close(String blockId, int second, int tokensPerSecond) throws Exception {
        BlockWindows windows = new BlockWindows(blockId);
        List<WindowClosed> closed = new ArrayList<>();
        windows.apply(tick(blockId, 0));
        for (int s = 0; s < second; s++) {
            closed.addAll(windows.apply(task(blockId, s, tokensPerSecond)));
            closed.addAll(windows.apply(tick(blockId, s + 1)));
        }
        WindowClosed last = closed.getLast();
        append(WindowClosed.id(blockId, last.asOfMs()), last);
    }

    private static TaskEvent tick(String blockId, int second) {
        return new Ticked(
                blockId, "test", T0 + second * 1000L, 0, List.of(new InstanceLoad("in-aaaa", 0)));
    }

    private static TaskEvent task(String blockId, int second, int tokens) {
        return new TaskFinished(
                blockId,
                "task-" + second,
                TaskEvent.Entry.INFER,
                "s",
                "1",
                "in-aaaa",
                TaskEvent.Outcome.COMPLETED,
                null,
                T0 + second * 1000L + 500,
                10,
                20,
                30,
                tokens,
                0,
                1,
                null);
    }

    private static void append(String id, Event event) throws Exception {
        long time = event instanceof WindowClosed window ? window.asOfMs() : T0;
        writer.append(new Envelope<>(id, "/test", time, null, null, event))
                .get(30, TimeUnit.SECONDS);
    }

    private static void awaitDecisionAt(String blockId, long logicalTimeMs) {
        Awaitility.await()
                .atMost(LIMIT)
                .until(() ->
                        decisions(blockId).stream()
                                .map(RunnerOnBrokerTest::decided)
                                .anyMatch(d ->
                                        d.call() == Call.EVAL
                                                && d.logicalTimeMs() == logicalTimeMs));
    }

    private static List<LogRecord<Event>> decisions(String blockId) {
        return records(Topic.DECISIONS, blockId);
    }

    private static List<LogRecord<Event>> commands(String blockId) {
        return records(Topic.COMMANDS, blockId);
    }

    private static List<LogRecord<Event>> records(Topic topic, String blockId) {
        List<LogRecord<Event>> records = new ArrayList<>();
        LogScan.events(
                kafka,
                topic,
                r -> {
                    if (r.event().subject().equals(blockId)) {
                        records.add(r);
                    }
                });
        return records;
    }

    private static PolicyDecided decided(LogRecord<Event> record) {
        return (PolicyDecided) record.event();
    }

    private static void assertChainHolds(String blockId) {
        String previous = DecisionChain.GENESIS;
        long sequence = 0;
        for (LogRecord<Event> record : decisions(blockId)) {
            assertThat(decided(record).sequence()).isEqualTo(sequence++);
            assertThat(decided(record).previousHash()).isEqualTo(previous);
            previous = DecisionChain.sha256(record.value());
            assertThat(record.hash()).isEqualTo(previous);
        }
    }
}
