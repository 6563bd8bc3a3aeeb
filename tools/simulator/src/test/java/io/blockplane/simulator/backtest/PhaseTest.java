package io.blockplane.simulator.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.Scenarios;
import io.blockplane.simulator.Simulation;
import io.blockplane.simulator.policy.Scaler;
import io.blockplane.simulator.result.BacktestResult.Percentiles;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** When the evaluations come: as recorded in the calibration, at any time in comparisons. */
class PhaseTest {

    private static final Scenario SCENARIO =
            Scenarios.of(
                    Scenarios.every(1_000, 60, false),
                    Scenarios.quarterSecond(),
                    Scenario.Timing.NONE);

    /** As if the last evaluation before had been recorded then. */
    private static final Scenario RECORDED =
            new Scenario(
                    SCENARIO.spec(),
                    SCENARIO.workload(),
                    SCENARIO.service(),
                    SCENARIO.timing(),
                    SCENARIO.slo(),
                    1,
                    -3_000,
                    Scenario.NO_TIMEOUT,
                    List.of());

    /** Does nothing and notes when it is asked. */
    private record Noting(long intervalMs, List<Long> askedMs) implements Scaler {
        @Override
        public ScaleAction decide(Situation situation) {
            askedMs.add(situation.window().asOfMs());
            return new ScaleAction(Operation.NONE, 0, List.of(), null);
        }
    }

    private static long firstMs(Scenario scenario, long intervalMs, long seed) {
        Noting scaler = new Noting(intervalMs, new ArrayList<>());
        var _ = Simulation.run(scenario, scaler, null, seed);
        return scaler.askedMs.getFirst();
    }

    @Test
    void theSeedsDrawThePhaseAndPoliciesMeetTheSamePartOfTheirIntervals() {
        List<Long> firsts =
                LongStream.rangeClosed(1, 20)
                        .map(seed -> firstMs(SCENARIO.inAnyPhase(), 10_000, seed))
                        .boxed()
                        .toList();
        assertThat(firsts).allSatisfy(first -> assertThat(first).isBetween(1_000L, 10_000L));
        assertThat(firsts.stream().distinct()).hasSizeGreaterThan(5);
        for (long seed = 1; seed <= 20; seed++) {
            long twice = firstMs(SCENARIO.inAnyPhase(), 20_000, seed);
            assertThat(twice)
                    .isBetween(
                            2 * firsts.get((int) seed - 1) - 2_000, 2 * firsts.get((int) seed - 1));
        }
    }

    @Test
    void theIncumbentIsCalibratedInTheRecordedPhaseAndComparedInAnyPhase() {
        List<Noting> made = new ArrayList<>();
        Contender incumbent =
                new Contender(
                        "noting",
                        Role.INCUMBENT,
                        RECORDED,
                        () -> {
                            made.add(new Noting(10_000, new ArrayList<>()));
                            return made.getLast();
                        });
        Percentiles quarter = new Percentiles(250, 250, 250, 250);
        try (Runner runner = new Runner(1, _ -> {})) {
            var _ =
                    Backtest.run(
                            new Backtest.Plan(
                                    new Source("synthetic", "even", "", 0, 60_000, "", "test"),
                                    RECORDED.inAnyPhase(),
                                    incumbent,
                                    List.of(),
                                    new Recorded(59, 1, quarter, new Percentiles(0, 0, 0, 0), 0),
                                    List.of(1L, 2L, 3L)),
                            runner);
        }
        List<Long> firsts = made.stream().map(noting -> noting.askedMs.getFirst()).toList();
        assertThat(firsts).hasSize(6);
        assertThat(firsts.subList(0, 3)).containsOnly(7_000L);
        assertThat(firsts.subList(3, 6)).doesNotContain(7_000L).doesNotHaveDuplicates();
    }
}
