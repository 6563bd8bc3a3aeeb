package io.blockplane.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The runner on a real broker with real policies; windows are computed by the library from made-up
 * tasks.
 */
@ExtendWith(SharedLog.class)
class RunnerOnBrokerTest {

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

    private static LogUnderTest log;

    @BeforeAll
    static void take(LogUnderTest shared) {
        log = shared;
    }

    @Test
    void decidesOnWindowsAndAsksForMoreInTheSameTransaction() throws Exception {
        log.publish("cool:1.0-stable", COOLDOWN_POLICY);
        log.create("busy", Map.of("autoscaler", "cool:1.0-stable"));
        try (RunnerRole runner = log.runner("one")) {
            log.closeWindow("busy", 1, 500);
            log.closeWindow("busy", 2, 500);
            Awaitility.await()
                    .atMost(LogUnderTest.LIMIT)
                    .untilAsserted(() ->
                            assertThat(log.decisions("busy", Kind.SCALE, null))
                                    .hasSizeGreaterThan(1));
            List<LogRecord<Event>> records = log.decisions("busy", Kind.SCALE, null);
            assertThat(LogUnderTest.decision(records.getFirst()).call()).isEqualTo(Call.INIT);
            PolicyDecided first = LogUnderTest.decision(records.get(1));
            assertThat(first.outcome())
                    .as(String.valueOf(first.error()))
                    .isEqualTo(Outcome.RETURNED);
            assertThat(first.action().operation()).isEqualTo(Operation.UPSCALE);
            assertThat(first.input().node().path("current_instances").toString())
                    .isEqualTo("[\"in-aaaa\"]");
            assertThat(runner.firstDecision().get(1, TimeUnit.MINUTES))
                    .as("what it took from the start of this process")
                    .isPositive()
                    .isLessThan(ProcessHandle.current().info().totalCpuDuration().orElseThrow());
            LogRecord<Event> command = scaleCommands("busy").getFirst();
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
        log.assertChainHolds("busy", Kind.SCALE, null);
    }

    @Test
    void keepsTheCooldownAndTheCountersOfARunnerThatWasReplaced() throws Exception {
        log.publish("cool:2.0-stable", COOLDOWN_POLICY);
        log.create("held", Map.of("autoscaler", "cool:2.0-stable"));
        RunnerRole first = log.runner("old");
        log.closeWindow("held", 1, 500);
        log.awaitEvaluationAt("held", Kind.SCALE, null, 1);
        log.closeWindow("held", 2, 500);
        log.awaitEvaluationAt("held", Kind.SCALE, null, 2);

        // The first is not closed: the second has to fence it.
        try (RunnerRole _ = log.runner("new")) {
            log.closeWindow("held", 3, 500);
            log.awaitEvaluationAt("held", Kind.SCALE, null, 3);
            List<LogRecord<Event>> records = log.decisions("held", Kind.SCALE, null);
            PolicyDecided last = LogUnderTest.decision(records.getLast());
            assertThat(last.action().reason()).isEqualTo("cooling down, call 3");
            assertThat(last.incarnation()).isEqualTo(2);
            assertThat(records.stream().filter(r -> LogUnderTest.decision(r).call() == Call.INIT))
                    .hasSize(1);
            assertThat(scaleCommands("held")).hasSize(1);
            Awaitility.await()
                    .atMost(LogUnderTest.LIMIT)
                    .untilAsserted(() -> assertThat(first.failure()).isNotNull());
        } finally {
            first.close();
        }
        log.assertChainHolds("held", Kind.SCALE, null);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {7})
    void decidesAfterAnyKillAsIfThereHadBeenNone(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        String block = "killed-" + seed;
        log.publish("kill:" + seed, COOLDOWN_POLICY.replace("[\"cooldown_seconds\"]", "[\"x\"]"));
        log.create(block, Map.of("autoscaler", "kill:" + seed), "{\"x\":3}");
        List<RunnerRole> runners = new ArrayList<>();
        try {
            runners.add(life(0));
            for (int second = 1; second <= 14; second++) {
                if (random.nextInt(3) == 0) {
                    // The one before is not closed: the next one has to fence it.
                    runners.add(life(runners.size()));
                }
                log.closeWindow(block, second, 500);
                log.awaitEvaluationAt(block, Kind.SCALE, null, second);
            }
        } finally {
            runners.forEach(RunnerRole::close);
        }
        List<PolicyDecided> decided = log.decided(block, Kind.SCALE, null);
        assertThat(decided.stream().filter(d -> d.call() == Call.INIT)).hasSize(1);
        assertThat(decided.stream().filter(d -> d.call() == Call.SNAPSHOT)).isNotEmpty();
        assertThat(decided.getLast().incarnation()).isGreaterThan(2);
        List<PolicyDecided> evaluations =
                decided.stream().filter(d -> d.call() == Call.EVAL).toList();
        for (int call = 1; call <= 14; call++) {
            // More than three seconds after the last one: at 1, 5, 9 and 13.
            assertThat(evaluations.get(call - 1).action().reason())
                    .isEqualTo(
                            call % 4 == 1
                                    ? "500 tokens a minute".replace("500", 500 * call + "")
                                    : "cooling down, call " + call);
        }
        log.assertChainHolds(block, Kind.SCALE, null);
    }

    @Test
    void aPolicyThatNeverReturnsHoldsUpNobodyElse() throws Exception {
        log.publish("hang:1.0-stable", HANGING_POLICY);
        log.publish("cool:3.0-stable", COOLDOWN_POLICY);
        log.create("stuck", Map.of("autoscaler", "hang:1.0-stable"));
        log.create("lively", Map.of("autoscaler", "cool:3.0-stable"));
        try (RunnerRole runner = log.runner("three")) {
            log.closeWindow("stuck", 1, 500);
            for (int second = 1; second <= 5; second++) {
                log.closeWindow("lively", second, 500);
                log.awaitEvaluationAt("lively", Kind.SCALE, null, second);
            }
            log.awaitEvaluationAt("stuck", Kind.SCALE, null, 1);
            PolicyDecided cut =
                    LogUnderTest.decision(log.decisions("stuck", Kind.SCALE, null).getLast());
            assertThat(cut.outcome()).isEqualTo(Outcome.TIMED_OUT);
            assertThat(cut.action().operation()).isEqualTo(Operation.NONE);
            assertThat(cut.fallbacks()).isNotEmpty();
            assertThat(runner.failure()).isNull();
        }
        log.assertChainHolds("stuck", Kind.SCALE, null);
        log.assertChainHolds("lively", Kind.SCALE, null);
    }

    private static List<LogRecord<Event>> scaleCommands(String blockId) {
        return log.records(Topic.COMMANDS, blockId).stream()
                .filter(r -> r.event() instanceof ScaleBlock)
                .toList();
    }

    /** One that takes a snapshot every four calls. */
    private static RunnerRole life(int number) throws InterruptedException {
        return log.runner(new RunnerConfig(log.kafka, "life-" + number, 4));
    }
}
