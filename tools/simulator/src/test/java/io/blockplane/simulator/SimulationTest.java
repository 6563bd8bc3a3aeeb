package io.blockplane.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.simulator.Scenario.Loss;
import io.blockplane.simulator.Scenario.Timing;
import io.blockplane.simulator.policy.FixedScaler;
import io.blockplane.simulator.policy.HpaScaler;
import io.blockplane.simulator.policy.Scaler;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.service.Demand;
import io.blockplane.simulator.service.PlacesService;
import io.blockplane.simulator.workload.Workload;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class SimulationTest {

    /** Does at each window what it is told. */
    private record Told(Function<Situation, ScaleAction> what) implements Scaler {
        @Override
        public long intervalMs() {
            return 1_000;
        }

        @Override
        public ScaleAction decide(Situation situation) {
            return what.apply(situation);
        }
    }

    private static ScaleAction up(int count) {
        return new ScaleAction(Operation.UPSCALE, count, List.of(), "up");
    }

    @Test
    void oneInstanceThatIsNeverBusyTwiceTakesItsServiceTime() {
        RunTrace run =
                Simulation.run(
                        Scenarios.of(
                                Scenarios.every(1_000, 60, false),
                                Scenarios.quarterSecond(),
                                Timing.NONE),
                        new FixedScaler(1),
                        null,
                        1);
        assertThat(run.total().quantile(0)).isEqualTo(250);
        assertThat(run.total().quantile(1)).isEqualTo(250);
        assertThat(run.queue().quantile(1)).isZero();
        assertThat(run.instanceSeconds()).isCloseTo(59, within(1e-6));
        assertThat(run.sloAttainment()).isEqualTo(1);
        assertThat(run.scaleActions()).isZero();
    }

    @Test
    void anInstanceServesAfterTheDecisionsLagAndItsStartUpAndIsPaidForFromTheDecisionOn() {
        Timing timing = new Timing(Durations.ofMs(5_000), Durations.ofMs(0), Durations.ofMs(400));
        Told once = new Told(s -> s.window().asOfMs() == 3_000 ? up(1) : ScaleAction.none(""));
        RunTrace run =
                Simulation.run(
                        Scenarios.of(
                                Scenarios.every(1_000, 31, false),
                                Scenarios.quarterSecond(),
                                timing),
                        once,
                        null,
                        1);
        assertThat(run.decisions()).extracting(DecisionMark::atMs).containsExactly(3_400L);
        assertThat(run.instanceSeconds()).isCloseTo(30 + 26.6, within(1e-6));
        double serving = run.timeline().instances().stream().mapToDouble(d -> d).sum();
        assertThat(serving).as("second 8.4 to 30").isCloseTo(30 + 21.6, within(1e-3));
    }

    @Test
    void theProductionsControlPlaneClampsAndSaysWhy() {
        RunTrace run =
                Simulation.run(
                        Scenarios.of(
                                Scenarios.every(1_000, 5, false),
                                Scenarios.quarterSecond(),
                                Timing.NONE),
                        new Told(s -> s.window().asOfMs() == 2_000 ? up(50) : ScaleAction.none("")),
                        null,
                        1);
        assertThat(run.decisions())
                .singleElement()
                .satisfies(mark -> {
                    assertThat(mark.before()).isEqualTo(1);
                    assertThat(mark.after()).isEqualTo(10);
                    assertThat(mark.reason()).contains("maxInstances is 10");
                });
    }

    @Test
    void anInstanceThatDrainsFinishesWhatItHas() {
        Scenario scenario =
                Scenarios.of(
                                Scenarios.every(100, 100, false),
                                new PlacesService(4, new Demand.Constant(1.5)),
                                Timing.NONE)
                        .beginningWith(3);
        RunTrace run = Simulation.run(scenario, new FixedScaler(1), null, 1);
        assertThat(run.total().size()).isEqualTo(100);
        assertThat(run.failed()).isZero();
        assertThat(run.instanceSeconds())
                .as("two drain from the first second on, for as long as they have tasks")
                .isGreaterThan(9.9)
                .isLessThan(9.9 + 2 * 2.6);
    }

    @Test
    void aLostInstanceFailsCallsAndIsStartedAnew() {
        Scenario plain =
                Scenarios.of(
                        Scenarios.every(100, 100, false),
                        Scenarios.quarterSecond(),
                        Scenarios.timing());
        Scenario lossy = with(plain, List.of(new Loss(2_020_000_000L, 5)), 0);
        RunTrace run = Simulation.run(lossy, new FixedScaler(1), null, 1);
        assertThat(run.failed()).as("what it had, and what came while none served").isPositive();
        assertThat(run.total().size()).isPositive();
        assertThat(run.total().size() + run.failed()).isEqualTo(100);
        assertThat(run.sloAttainment()).isLessThan(0.6);
    }

    @Test
    void orderedRequestsOutliveALostInstance() {
        Scenario plain =
                Scenarios.of(
                        Scenarios.every(500, 40, true),
                        Scenarios.quarterSecond(),
                        Scenarios.timing());
        RunTrace run =
                Simulation.run(
                        with(plain, List.of(new Loss(2_020_000_000L, 0)), 0),
                        new FixedScaler(1),
                        null,
                        1);
        assertThat(run.failed()).isZero();
        assertThat(run.total().size()).isEqualTo(40);
    }

    @Test
    void orderedRequestsOfASessionWaitForEachOther() {
        // Three sessions, one request each 50 ms, in an instance that has room for all.
        RunTrace run =
                Simulation.run(
                        Scenarios.of(
                                Scenarios.every(50, 60, true),
                                new PlacesService(100, new Demand.Constant(0.3)),
                                Timing.NONE),
                        new FixedScaler(1),
                        null,
                        1);
        assertThat(run.total().quantile(1)).as("the 20th of a session").isEqualTo(19 * 150 + 300);
    }

    @Test
    void callersGiveUpAndAnAnswerAtTheDeadlineIsInTime() {
        Scenario plain =
                Scenarios.of(
                        Scenarios.every(100, 50, false), Scenarios.quarterSecond(), Timing.NONE);
        RunTrace run = Simulation.run(with(plain, List.of(), 250), new FixedScaler(1), null, 1);
        assertThat(run.total().quantile(1)).isEqualTo(250);
        assertThat(run.failed()).isPositive();
        assertThat(run.total().size() + run.failed() + run.refused()).isEqualTo(50);
    }

    @Test
    void whatIsRefusedMissesTheObjective() {
        Workload flood = Scenarios.every(1, 3_000, false);
        RunTrace run =
                Simulation.run(
                        Scenarios.of(flood, Scenarios.quarterSecond(), Timing.NONE),
                        new FixedScaler(1),
                        null,
                        1);
        assertThat(run.refused()).as("256 in hand and 1000 in the queue").isGreaterThan(1_500);
        assertThat(run.sloAttainment()).isLessThan(0.01);
        assertThat(run.timeline().sloMisses().stream().mapToInt(i -> i).sum())
                .isEqualTo(3_000 - Math.round(run.sloAttainment() * 3_000));
    }

    @Test
    void isTheSameForASeedAndAnotherForAnother() {
        Scenario scenario =
                Scenarios.of(
                        Scenarios.burst(),
                        new PlacesService(2, new Demand.Exponential(0.3)),
                        Scenarios.timing());
        RunTrace one = Simulation.run(scenario, new HpaScaler(2), null, 1);
        RunTrace again = Simulation.run(scenario, new HpaScaler(2), null, 1);
        RunTrace other = Simulation.run(scenario, new HpaScaler(2), null, 2);
        assertThat(again.total().mean()).isEqualTo(one.total().mean());
        assertThat(again.timeline()).isEqualTo(one.timeline());
        assertThat(again.decisions()).isEqualTo(one.decisions()).isNotEmpty();
        assertThat(other.total().mean()).isNotEqualTo(one.total().mean());
    }

    private static Scenario with(Scenario plain, List<Loss> losses, long timeoutMs) {
        return new Scenario(
                plain.spec(),
                plain.workload(),
                plain.service(),
                plain.timing(),
                plain.slo(),
                plain.initialInstances(),
                plain.lastEvaluationMs(),
                timeoutMs == 0 ? Scenario.NO_TIMEOUT : timeoutMs * 1_000_000,
                losses);
    }
}
