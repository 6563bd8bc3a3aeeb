package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.replay.backtest.BacktestJob;
import io.blockplane.replay.backtest.BacktestSetup;
import io.blockplane.replay.backtest.ModelChoice;
import io.blockplane.simulator.backtest.Runner;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Slo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What {@code --balancer}, {@code --min} and {@code --max} change, and for whom. */
@ExtendWith(SharedEngine.class)
class ChangedBlockTest {

    private static final String FIRST =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    pass

                def eval(self, parameters, input_data, context):
                    return {"instance_id": input_data["instances"][0]}
            """;

    private static final long T = 1_700_000_000_000L;
    private static final InstanceAddress ADDRESS = new InstanceAddress("grpc", "127.0.0.1:1", "");

    @TempDir Path dir;

    @Test
    void theIncumbentRunsInTheBlockAsItWasAndCandidatesAndBaselinesInTheChangedOne(
            PolicyEngine engine) throws IOException {
        BacktestSetup setup = setup("builtin:round-robin", 4);
        assertThat(setup.block().balancer()).isPresent();
        assertThat(setup.block().scenario().spec()).isEqualTo(spec());
        assertThat(setup.changed().balancer()).as("in Python").isEmpty();
        assertThat(setup.changed().scenario().spec().policies().get(RoutingRules.POLICY_NAME))
                .extracting(PolicyBinding::policyUri)
                .isEqualTo("builtin:round-robin");
        BacktestResult result = run(setup, engine);
        assertThat(result.calibration()).isNotNull();
        assertThat(result.runs())
                .extracting(PolicyRun::name)
                .startsWith(
                        "2 instances (incumbent)",
                        "2 instances (builtin:round-robin, 2 to 4 instances)");
    }

    @Test
    void nothingChangedIsNoCandidate(PolicyEngine engine) throws IOException {
        BacktestResult result = run(setup(null, null), engine);
        assertThat(result.runs())
                .extracting(PolicyRun::role)
                .doesNotContain(BacktestResult.Role.CANDIDATE);
    }

    private static BacktestResult run(BacktestSetup setup, PolicyEngine engine) {
        try (Runner runner = new Runner(1, _ -> {})) {
            return BacktestJob.run(setup, null, List.of(), 1, engine, runner);
        }
    }

    private BacktestSetup setup(@Nullable String balancer, @Nullable Integer max)
            throws IOException {
        RecordedLog log = new RecordedLog();
        PolicyArchive archive = PolicyArchive.ofFunction(FIRST);
        log.archive(archive);
        add(
                log,
                0,
                new PolicyRegistered(
                        "first:1-stable",
                        archive.sha256(),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT));
        add(log, 0, new BlockEvent.BlockCreated("b", 1, spec()));
        for (int i = 1; i <= 2; i++) {
            add(log, 0, new BlockEvent.InstanceRequested("b", 2L * i, "i" + i, i));
            add(log, 500, new BlockEvent.InstanceReady("b", 2L * i + 1, "i" + i, 1, ADDRESS));
        }
        for (int i = 0; i < 50; i++) {
            long ms = 2_000 + 100L * i;
            add(log, ms, task(i, T + ms));
        }
        Path file = dir.resolve("log.jsonl.gz");
        log.write(file, ExportFormatTest.PROVENANCE);
        return BacktestSetup.of(
                LogSource.file(file),
                "b",
                Long.MIN_VALUE / 1_000,
                Long.MAX_VALUE / 1_000,
                1,
                new BacktestSetup.Options(
                        new ModelChoice("constant:100", Json.EMPTY_OBJECT, 0, 1),
                        new Slo(1_000, 0.95),
                        null,
                        max,
                        null,
                        null,
                        null,
                        balancer == null
                                ? null
                                : new PolicyBinding(balancer, Json.EMPTY_OBJECT, Json.EMPTY_OBJECT),
                        60));
    }

    private static BlockSpec spec() {
        return new BlockSpec(
                "b",
                "builtin:llm-sim",
                2,
                2,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                new TreeMap<>(
                        Map.of(
                                RoutingRules.POLICY_NAME,
                                new PolicyBinding(
                                        "first:1-stable", Json.EMPTY_OBJECT, Json.EMPTY_OBJECT))));
    }

    private static TaskFinished task(int number, long endMs) {
        return new TaskFinished(
                "b",
                "t" + number,
                TaskEvent.Entry.PREDICT,
                "s" + number % 3,
                Integer.toString(number),
                "i1",
                TaskEvent.Outcome.COMPLETED,
                null,
                endMs,
                0,
                100_000,
                100_000,
                100,
                10,
                1,
                null);
    }

    private static void add(RecordedLog log, long ms, Event event) {
        log.add(new Envelope<>("e" + ms + event.hashCode(), "/test", T + ms, null, null, event));
    }
}
