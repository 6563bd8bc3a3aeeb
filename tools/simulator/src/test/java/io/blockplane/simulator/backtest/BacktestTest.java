package io.blockplane.simulator.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.Scenarios;
import io.blockplane.simulator.policy.FixedScaler;
import io.blockplane.simulator.policy.HpaScaler;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Source;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.result.ResultFile;
import io.blockplane.simulator.service.Demand;
import io.blockplane.simulator.service.PlacesService;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BacktestTest {

    private static final Scenario SCENARIO =
            Scenarios.of(
                    Scenarios.burst(),
                    new PlacesService(2, new Demand.Exponential(0.3)),
                    Scenarios.timing());

    private static final Source SOURCE =
            new Source("synthetic", "burst", "", 0, 600_000, "2 places", "test");

    private static Contender fixed(String name, Role role, int instances) {
        return new Contender(
                name, role, SCENARIO.beginningWith(instances), () -> new FixedScaler(instances));
    }

    private static BacktestResult run(
            @Nullable Contender incumbent,
            List<Contender> candidates,
            @Nullable Recorded recorded,
            int parallel) {
        try (Runner runner = new Runner(parallel, _ -> {})) {
            return Backtest.run(
                    new Backtest.Plan(
                            SOURCE, SCENARIO, incumbent, candidates, recorded, List.of(1L, 2L, 3L)),
                    runner);
        }
    }

    @Test
    void hasEveryBaselineAndTheOracleLastAndIsTheSameToTheByte() {
        Contender candidate =
                new Contender("hpa 2", Role.CANDIDATE, SCENARIO, () -> new HpaScaler(2));
        BacktestResult result = run(fixed("eight", Role.INCUMBENT, 8), List.of(candidate), null, 1);

        assertThat(result.runs())
                .extracting(PolicyRun::role)
                .containsExactly(
                        Role.INCUMBENT,
                        Role.CANDIDATE,
                        Role.BASELINE,
                        Role.BASELINE,
                        Role.BASELINE,
                        Role.BASELINE,
                        Role.ORACLE);
        PolicyRun oracle = result.runs().getLast();
        assertThat(oracle.shareOfOracleSaving()).isEqualTo(1);
        assertThat(oracle.sloAttainment().mean()).isGreaterThanOrEqualTo(0.94);
        assertThat(result.runs().subList(0, 6))
                .filteredOn(r -> r.sloAttainment().mean() >= SCENARIO.slo().target())
                .isNotEmpty()
                .allSatisfy(r ->
                        assertThat(r.instanceSeconds().mean())
                                .as(r.name())
                                .isGreaterThan(oracle.instanceSeconds().mean()));
        String bytes = ResultFile.encode(result);
        assertThat(
                        ResultFile.encode(
                                run(
                                        fixed("eight", Role.INCUMBENT, 8),
                                        List.of(candidate),
                                        null,
                                        2)))
                .isEqualTo(bytes);
    }

    @Test
    void saysThatACheaperPolicyThatMissesNothingIsBetter() {
        BacktestResult result =
                run(
                        fixed("ten", Role.INCUMBENT, 10),
                        List.of(fixed("eight", Role.CANDIDATE, 8)),
                        null,
                        2);
        assertThat(result.verdict().kind()).isEqualTo(Verdict.Kind.BETTER);
        assertThat(result.verdict().best()).isEqualTo("eight");
        assertThat(result.verdict().sentence())
                .startsWith("eight costs 20.0 % less than ten and answers ");
    }

    @Test
    void refusesAVerdictWhenTheGainIsInsideTheCalibrationsError() {
        BacktestResult real = run(fixed("ten", Role.INCUMBENT, 10), List.of(), null, 2);
        PolicyRun ten = real.runs().getFirst();
        Recorded recorded =
                new Recorded(
                        ten.instanceSeconds().mean() * 0.7,
                        ten.sloAttainment().mean(),
                        ten.totalMs(),
                        ten.queueMs(),
                        0);
        BacktestResult result =
                run(
                        fixed("ten", Role.INCUMBENT, 10),
                        List.of(fixed("eight", Role.CANDIDATE, 8)),
                        recorded,
                        2);
        assertThat(result.calibration()).isNotNull();
        assertThat(result.verdict().kind()).isEqualTo(Verdict.Kind.REFUSED);
        assertThat(result.verdict().sentence()).startsWith("No verdict");
        assertThat(String.join(" ", result.verdict().because()))
                .contains("off by 42.9 % in instance-seconds");
    }

    @Test
    void saysThatACheaperPolicyThatMissesTheObjectiveIsWorse() {
        BacktestResult result =
                run(
                        fixed("ten", Role.INCUMBENT, 10),
                        List.of(fixed("one", Role.CANDIDATE, 1)),
                        null,
                        2);
        assertThat(result.verdict().kind()).isEqualTo(Verdict.Kind.WORSE);
    }

    @Test
    void comparesWithTheHpaLikeBaselineWhenThereIsNoIncumbent() {
        BacktestResult result = run(null, List.of(fixed("ten", Role.CANDIDATE, 10)), null, 2);
        assertThat(result.verdict().sentence()).contains("HPA-like");
        assertThat(result.runs())
                .filteredOn(r -> r.costDifference() == null)
                .extracting(PolicyRun::name)
                .singleElement()
                .asString()
                .startsWith("HPA-like");
    }
}
