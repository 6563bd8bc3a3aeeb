package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.policy.PolicyEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedEngine.class)
class NativeRoutingsTest {

    private static final PolicyBinding AFFINE = binding("builtin:session-affine", "{\"bound\":2}");
    private static final PolicyBinding PREQUAL =
            binding("builtin:prequal", "{\"rif_quantile\":0.8}");

    private final SplittableRandom random = new SplittableRandom(7);

    @TempDir private Path folder;

    @Test
    void makesEveryChoiceAgainByTheParametersOfItsTime(PolicyEngine engine) throws IOException {
        VerifyReport report = verify(engine, life(false));

        assertThat(report.findings()).isEmpty();
        assertThat(report.routings()).isEqualTo(40);
        assertThat(report.summary()).endsWith("40 native routings the same");
    }

    @Test
    void findsAChoiceThatWasChanged(PolicyEngine engine) throws IOException {
        VerifyReport report = verify(engine, life(true));

        assertThat(report.holds()).isFalse();
        assertThat(report.findings()).hasSize(1);
        assertThat(report.firstDivergence())
                .hasValueSatisfying(diverged -> {
                    assertThat(diverged.decisionId()).isEqualTo("task-39");
                    assertThat(diverged.field()).isEqualTo("routing.choice");
                });
    }

    @Test
    void saysWhenTheBlockIsNotInTheLog(PolicyEngine engine) throws IOException {
        RecordedLog log = new RecordedLog();
        task(log, 1, AFFINE, 1, false);

        assertThat(verify(engine, log).findings())
                .containsExactly(
                        new Finding.NotExecutable(
                                "blockplane.tasks-0@100",
                                "task-1",
                                "version 1 of block b is not in the log"));
    }

    /** Twenty tasks by one balancer, twenty by another; the last choice changed if wanted. */
    private RecordedLog life(boolean changed) {
        RecordedLog log = new RecordedLog();
        event(
                log,
                new BlockCreated(
                        "b",
                        1,
                        new BlockSpec(
                                "b",
                                "builtin:embedding",
                                1,
                                3,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                Json.EMPTY_OBJECT,
                                new TreeMap<>(Map.of(RoutingRules.POLICY_NAME, AFFINE)))));
        for (int version = 2; version < 5; version++) {
            event(log, new InstanceRequested("b", version, "in-" + version, version));
        }
        event(
                log,
                new PolicyActivated(
                        "b",
                        5,
                        RoutingRules.POLICY_NAME,
                        PREQUAL,
                        BlockEvent.ActivationCause.PROPOSED,
                        AFFINE.policyUri(),
                        List.of()));
        for (int i = 0; i < 40; i++) {
            boolean first = i < 20;
            task(log, i, first ? AFFINE : PREQUAL, first ? 1 + i % 4 : 5, changed && i == 39);
        }
        return log;
    }

    private void task(
            RecordedLog log, int number, PolicyBinding binding, long version, boolean changed) {
        List<InstanceLoad> candidates = new ArrayList<>();
        for (String id : List.of("in-a", "in-b", "in-c")) {
            candidates.add(
                    InstanceLoad.probed(
                            id, random.nextInt(5), random.nextInt(5), random.nextInt(1, 9_000)));
        }
        String session = "s-" + random.nextInt(9);
        String choice =
                RoutingRules.of(binding)
                        .balancer()
                        .choose(new Question(number, new PacketFacts(session, number), candidates));
        if (changed) {
            choice = choice.equals("in-a") ? "in-b" : "in-a";
        }
        log.add(
                new Envelope<>(
                        "task-" + number,
                        "/executor/e",
                        number,
                        null,
                        null,
                        new TaskFinished(
                                "b",
                                "e-" + number,
                                Entry.PREDICT,
                                session,
                                Integer.toString(number),
                                choice,
                                Outcome.COMPLETED,
                                null,
                                number,
                                1,
                                1,
                                2,
                                0,
                                0,
                                1,
                                Routing.builtIn(
                                        binding.policyUri(),
                                        number,
                                        version,
                                        candidates,
                                        choice))));
    }

    private static void event(RecordedLog log, BlockEvent event) {
        log.add(
                new Envelope<>(
                        "event-" + event.version(), "/control-plane/a", 1, null, null, event));
    }

    private VerifyReport verify(PolicyEngine engine, RecordedLog log) throws IOException {
        return Verify.run(log.write(folder), Selection.ALL, engine, (_, _) -> {});
    }

    private static PolicyBinding binding(String uri, String parameters) {
        return new PolicyBinding(uri, Json.parse(parameters), Json.EMPTY_OBJECT);
    }
}
