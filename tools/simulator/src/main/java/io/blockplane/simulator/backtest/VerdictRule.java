package io.blockplane.simulator.backtest;

import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.result.BacktestResult.Verdict.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What may be said of candidates:
 *
 * <ol>
 *   <li>A candidate <em>saves</em> when its saving, by the end of its interval that is worse for
 *       it, is more than the calibration's error of instance-seconds, in percent of the reference.
 *   <li>It <em>loses</em> when its attainment is lower than the reference's by more than the
 *       calibration's error of attainment, and {@link #TOLERATED_POINTS}.
 *   <li>Better: it saves, and does not lose by the worse end of its interval. Worse: by the better
 *       end it costs more than the error, or it loses. All else is inside the error.
 * </ol>
 */
final class VerdictRule {

    /** Percentage points of attainment that nobody would call a loss. */
    static final double TOLERATED_POINTS = 0.1;

    private final PolicyRun reference;
    private final @Nullable Calibration calibration;
    private final double costError;
    private final double sloError;

    VerdictRule(PolicyRun reference, @Nullable Calibration calibration) {
        this.reference = reference;
        this.calibration = calibration;
        this.costError = calibration == null ? 0 : calibration.costErrorPercent();
        this.sloError = TOLERATED_POINTS + (calibration == null ? 0 : calibration.sloErrorPoints());
    }

    Verdict of(List<PolicyRun> runs) {
        List<PolicyRun> candidates = runs.stream().filter(r -> r.role() == Role.CANDIDATE).toList();
        if (candidates.isEmpty()) {
            return new Verdict(
                    Kind.NONE, null, "There was no candidate to judge.", List.of(errors()));
        }
        List<PolicyRun> better = candidates.stream().filter(this::isBetter).toList();
        if (!better.isEmpty()) {
            PolicyRun best =
                    better.stream()
                            .min(Comparator.comparingDouble(r -> r.instanceSeconds().mean()))
                            .orElseThrow();
            return new Verdict(
                    Kind.BETTER,
                    best.name(),
                    "%s %s, which is no loss.".formatted(best.name(), besideTheReference(best)),
                    because(best));
        }
        boolean allWorse = candidates.stream().allMatch(this::isWorse);
        PolicyRun nearest =
                candidates.stream()
                        .filter(candidate -> allWorse || !isWorse(candidate))
                        .min(Comparator.comparingDouble(r -> r.instanceSeconds().mean()))
                        .orElseThrow();
        if (allWorse) {
            return new Verdict(
                    Kind.WORSE,
                    null,
                    "No candidate is better: %s %s."
                            .formatted(nearest.name(), besideTheReference(nearest)),
                    because(nearest));
        }
        return new Verdict(
                Kind.REFUSED,
                null,
                "No verdict: %s %s, and that is inside the error."
                        .formatted(nearest.name(), besideTheReference(nearest)),
                because(nearest));
    }

    private String besideTheReference(PolicyRun run) {
        double saving = saving(run).mean();
        return "costs %s %s than %s and answers %s of the requests in time instead of %s"
                .formatted(
                        percent(Math.abs(saving)),
                        saving >= 0 ? "less" : "more",
                        reference.name(),
                        share(run),
                        share(reference));
    }

    private boolean isBetter(PolicyRun run) {
        return saving(run).low() > costError && points(run).low() >= -sloError;
    }

    private boolean isWorse(PolicyRun run) {
        return -saving(run).high() > costError || points(run).high() < -sloError;
    }

    /** Percent of the reference's instance-seconds. */
    private Estimate saving(PolicyRun run) {
        Estimate cost = run.costDifference();
        double of = reference.instanceSeconds().mean() / 100;
        return cost == null
                ? new Estimate(0, 0, 0)
                : new Estimate(-cost.mean() / of, -cost.high() / of, -cost.low() / of);
    }

    /** Percentage points of attainment more than the reference's. */
    private static Estimate points(PolicyRun run) {
        Estimate slo = run.sloDifference();
        return slo == null
                ? new Estimate(0, 0, 0)
                : new Estimate(slo.mean() * 100, slo.low() * 100, slo.high() * 100);
    }

    private List<String> because(PolicyRun run) {
        List<String> because = new ArrayList<>();
        Estimate saving = saving(run);
        Estimate points = points(run);
        because.add(
                "Instance-seconds: %s, 95 %% interval over the seeds %s to %s."
                        .formatted(
                                signed(-saving.mean()),
                                signed(-saving.high()),
                                signed(-saving.low())));
        because.add(
                String.format(
                        Locale.ROOT,
                        "SLO attainment: %+.2f percentage points, 95 %% interval %+.2f to %+.2f.",
                        points.mean(),
                        points.low(),
                        points.high()));
        because.add(errors());
        return because;
    }

    private String errors() {
        return calibration == null
                ? "Nothing was recorded to calibrate with: these are differences between"
                        + " simulations, on simulated service times."
                : String.format(
                        Locale.ROOT,
                        "Calibration: the simulation was off by %.1f %% in instance-seconds and"
                                + " %.2f percentage points in SLO attainment; a smaller gain is no"
                                + " gain.",
                        calibration.costErrorPercent(),
                        calibration.sloErrorPoints());
    }

    private static String share(PolicyRun run) {
        return String.format(Locale.ROOT, "%.2f %%", run.sloAttainment().mean() * 100);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f %%", value);
    }

    private static String signed(double value) {
        return String.format(Locale.ROOT, "%+.1f %%", value);
    }
}
