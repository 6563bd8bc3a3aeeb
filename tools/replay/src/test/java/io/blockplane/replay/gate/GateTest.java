package io.blockplane.replay.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.sample.SampleResults;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GateTest {

    private static final BacktestResult SAMPLE = SampleResults.of(7);
    private static final PolicyRun INCUMBENT = SAMPLE.runs().getFirst();
    private static final String BEST = Objects.requireNonNull(SAMPLE.verdict().best());
    private static final double BASE = INCUMBENT.instanceSeconds().mean();

    /** Power of two's fractions, so that a limit and a difference can be equal. */
    @ParameterizedTest(name = "loss up to {0} points and cost up to {1} %: exit code {2}")
    @CsvSource({
        // At the limit, a hair below it, above it, and both broken.
        "0.5, 4, 0",
        "0.25, 2, 0",
        "0.5000001, 4, 1",
        "0.5, 4.0000001, 1",
        "0.75, 8, 1",
        "-3, -20, 0",
    })
    void theFarEndOfTheIntervalHasToKeepTheLimit(double loss, double cost, int exitCode) {
        BacktestResult result = differing(loss, cost);
        assertThat(judge(result, 0.5, 4).exitCode()).isEqualTo(exitCode);
    }

    @Test
    void theMiddleOfTheIntervalDoesNotCount() {
        BacktestResult result =
                SampleResults.withDifferences(
                        SAMPLE, BEST, new Estimate(0, 0, 0), new Estimate(0.01, -0.02, 0.04));
        GateAnswer answer = judge(result, 1, 0);
        assertThat(answer.exitCode()).isEqualTo(1);
        assertThat(((GateAnswer.Judged) answer).costKept()).isTrue();
        assertThat(((GateAnswer.Judged) answer).sloKept()).isFalse();
        assertThat(GateSummary.of(answer, result, GateLimits.of(null, 1, 0)))
                .contains("fail", "more seeds or a longer record");
    }

    @Test
    void savingsCanBeDemanded() {
        BacktestResult result = differing(0, -10);
        assertThat(judge(result, 0, -10).exitCode()).isZero();
        assertThat(judge(result, 0, -10.5).exitCode()).isEqualTo(1);
        assertThat(judge(differing(-0.5, -10), -0.5, 0).exitCode()).isZero();
        assertThat(judge(differing(-0.25, -10), -0.5, 0).exitCode()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(
            value = Verdict.Kind.class,
            names = {"REFUSED", "NONE"})
    void withoutVerdictNothingIsSaid(Verdict.Kind kind) {
        BacktestResult result =
                SampleResults.with(
                        differing(0, 0), new Verdict(kind, BEST, "Nothing to say.", List.of()));
        assertThat(reasons(judge(result, 5, 5)))
                .singleElement()
                .asString()
                .contains("Nothing to say.");
    }

    @Test
    void worseThanTheIncumbentMayStillKeepTheLimits() {
        BacktestResult result =
                SampleResults.with(
                        differing(0.5, 2),
                        new Verdict(Verdict.Kind.WORSE, BEST, "It costs more.", List.of()));
        assertThat(judge(result, 0.5, 2).exitCode()).isZero();
        assertThat(judge(result, 0.5, 1).exitCode()).isEqualTo(1);
    }

    @Test
    void withoutCalibrationNothingIsSaid() {
        BacktestResult result = SampleResults.with(differing(0, 0), (Calibration) null);
        assertThat(reasons(judge(result, 5, 5)))
                .singleElement()
                .asString()
                .contains("not compared with a recorded run");
    }

    @ParameterizedTest(name = "cost off by {0} %, requests on time by {1} points: exit code {2}")
    @CsvSource({"5, 1, 0", "5.01, 1, 2", "-5.01, 1, 2", "5, 1.01, 2", "5, -1.01, 2", "-5, -1, 0"})
    void withPoorCalibrationNothingIsSaid(double cost, double slo, int exitCode) {
        BacktestResult result =
                SampleResults.with(differing(0, 0), new Calibration(List.of(), 3, 0, cost, slo));
        assertThat(judge(result, 5, 5).exitCode()).isEqualTo(exitCode);
        assertThat(Gate.judge(result, new GateLimits(null, 5, 5, 6, 2)).exitCode()).isZero();
    }

    @Test
    void theCandidateIsTheNamedOneOrTheBestOrTheOnlyOne() {
        BacktestResult result = SAMPLE;
        String other = result.runs().get(2).name();
        assertThat(judged(Gate.judge(result, GateLimits.of(other, 50, 50))).candidate())
                .isEqualTo(other);
        assertThat(judged(judge(result, 50, 50)).candidate()).isEqualTo(BEST);
        Verdict noBest = new Verdict(Verdict.Kind.WORSE, null, "All are worse.", List.of());
        BacktestResult open = SampleResults.with(result, noBest);
        assertThat(reasons(judge(open, 50, 50))).singleElement().asString().contains(BEST, other);
        BacktestResult one =
                SampleResults.with(
                        open,
                        open.runs().stream().filter(run -> !run.name().equals(BEST)).toList());
        assertThat(judged(judge(one, 50, 50)).candidate()).isEqualTo(other);
    }

    @ParameterizedTest
    @CsvSource({"nobody", "static peak"})
    void whoIsNoCandidateIsNotJudged(String name) {
        assertThat(reasons(Gate.judge(SAMPLE, GateLimits.of(name, 50, 50))))
                .singleElement()
                .asString()
                .contains("no candidate " + name, BEST);
    }

    @Test
    void withoutIncumbentNothingIsSaid() {
        BacktestResult result =
                SampleResults.with(
                        SAMPLE,
                        SAMPLE.runs().stream().filter(r -> r.role() != Role.INCUMBENT).toList());
        assertThat(reasons(judge(result, 50, 50)))
                .singleElement()
                .asString()
                .contains("no incumbent");
    }

    @Test
    void limitsAreNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GateLimits.of(null, Double.NaN, 5))
                .withMessage("maxSloLossPoints: NaN (expected: a finite number)");
    }

    @Test
    void theSummarySaysTheNumbersAndTheLimits() {
        BacktestResult result = differing(0.25, -10);
        GateLimits limits = GateLimits.of(null, 0.5, -5);
        assertThat(GateSummary.of(Gate.judge(result, limits), result, limits))
                .startsWith("### ✅ Policy gate: pass\n")
                .contains("`" + BEST + "` keeps the limits beside `" + INCUMBENT.name() + "`")
                .containsPattern(
                        "\\| cost change, % \\| -\\d+\\.\\d\\d \\| .* to -10.00 \\| -5.00 \\| kept"
                                + " \\|")
                .containsPattern("on time lost, points \\| .* to \\+0.25 \\| \\+0.50 \\| kept \\|")
                .contains("SHA-256 " + result.source().sha256());
        GateLimits none = GateLimits.of("nobody", 0, 0);
        assertThat(GateSummary.of(Gate.judge(result, none), result, none))
                .startsWith("### ⚠️ Policy gate: can't say\n");
    }

    @Test
    void namesAndReasonsStayTextInTheSummary() {
        assertThat(
                        GateSummary.text(
                                "a|b <img src=x> **bold** @maintainers #12 https://x www.y.z\n"
                                        + "- [l](u)"))
                .isEqualTo(
                        "a&#124;b &#60;img src=x&#62; &#42;&#42;bold&#42;&#42; @\u2060maintainers"
                                + " #\u206012 https:\u2060//x www\u2060.y.z - &#91;l&#93;(u)");
        String hostile = "` | @all\n# <b>";
        BacktestResult result =
                SampleResults.with(
                        SAMPLE, SAMPLE.runs().stream().map(run -> renamed(run, hostile)).toList());
        GateLimits limits = GateLimits.of(hostile, 50, 50);
        String summary = GateSummary.of(Gate.judge(result, limits), result, limits);
        assertThat(summary).contains("`' ¦ @all # <b>` keeps the limits").doesNotContain(hostile);
    }

    private static PolicyRun renamed(PolicyRun run, String bestsName) {
        return run.name().equals(BEST) ? SampleResults.named(run, bestsName) : run;
    }

    /** Intervals whose far ends are at so many points and percent. */
    private static BacktestResult differing(double lossPoints, double costPercent) {
        double cost = costPercent / 100 * BASE;
        return SampleResults.withDifferences(
                SAMPLE,
                BEST,
                new Estimate(cost - 200, cost - 400, cost),
                new Estimate(0.01 - lossPoints / 100, -lossPoints / 100, 0.02 - lossPoints / 100));
    }

    private static GateAnswer judge(BacktestResult result, double maxLoss, double maxCost) {
        return Gate.judge(result, GateLimits.of(null, maxLoss, maxCost));
    }

    private static GateAnswer.Judged judged(@Nullable GateAnswer answer) {
        assertThat(answer).isInstanceOf(GateAnswer.Judged.class);
        return (GateAnswer.Judged) Objects.requireNonNull(answer);
    }

    private static List<String> reasons(GateAnswer answer) {
        assertThat(answer.exitCode()).isEqualTo(2);
        return ((GateAnswer.Unknown) answer).reasons();
    }
}
