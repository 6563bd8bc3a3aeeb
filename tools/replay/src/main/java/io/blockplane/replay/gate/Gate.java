package io.blockplane.replay.gate;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges a candidate of a backtest against limits. The end of an interval that speaks against the
 * candidate counts, not its middle; and where the backtest itself can't be believed, neither pass
 * nor fail is said.
 */
public final class Gate {

    private Gate() {}

    public static GateAnswer judge(BacktestResult result, GateLimits limits) {
        List<String> doubts = doubts(result, limits);
        Optional<PolicyRun> incumbent =
                result.runs().stream().filter(run -> run.role() == Role.INCUMBENT).findFirst();
        if (incumbent.isEmpty()) {
            doubts.add("The result has no incumbent to compare with.");
        }
        Optional<PolicyRun> candidate = candidate(result, limits.candidate(), doubts);
        if (doubts.isEmpty() && incumbent.isPresent() && candidate.isPresent()) {
            return judge(result, incumbent.get(), candidate.get(), limits);
        }
        return new GateAnswer.Unknown(doubts);
    }

    private static GateAnswer judge(
            BacktestResult result, PolicyRun incumbent, PolicyRun candidate, GateLimits limits) {
        @Nullable Estimate cost = candidate.costDifference();
        @Nullable Estimate slo = candidate.sloDifference();
        double base = incumbent.instanceSeconds().mean();
        if (cost == null || slo == null || base <= 0) {
            return new GateAnswer.Unknown(
                    List.of(
                            "The result has no difference between "
                                    + candidate.name()
                                    + " and "
                                    + incumbent.name()
                                    + "."));
        }
        Estimate loss = new Estimate(-100 * slo.mean(), -100 * slo.high(), -100 * slo.low());
        Estimate percent =
                new Estimate(
                        100 * cost.mean() / base,
                        100 * cost.low() / base,
                        100 * cost.high() / base);
        return new GateAnswer.Judged(
                candidate.name(),
                incumbent.name(),
                loss,
                loss.high() <= limits.maxSloLossPoints(),
                percent,
                percent.high() <= limits.maxCostPercent(),
                caveats(result));
    }

    /** Why the backtest's word does not count. */
    private static List<String> doubts(BacktestResult result, GateLimits limits) {
        List<String> doubts = new ArrayList<>();
        Verdict verdict = result.verdict();
        switch (verdict.kind()) {
            case REFUSED -> doubts.add("The backtest refused a verdict: " + verdict.sentence());
            case NONE -> doubts.add("The backtest had no candidate: " + verdict.sentence());
            case BETTER, WORSE -> {
                // Whether it is good enough is for the limits to say.
            }
        }
        @Nullable Calibration calibration = result.calibration();
        if (calibration == null) {
            doubts.add(
                    "The simulation was not compared with a recorded run, so its error is"
                            + " unknown.");
            return doubts;
        }
        tooFarOff(
                doubts,
                "in cost",
                calibration.costErrorPercent(),
                limits.maxCostErrorPercent(),
                "%");
        tooFarOff(
                doubts,
                "in requests on time",
                calibration.sloErrorPoints(),
                limits.maxSloErrorPoints(),
                "points");
        return doubts;
    }

    private static void tooFarOff(
            List<String> doubts, String what, double error, double limit, String unit) {
        if (Math.abs(error) > limit) {
            doubts.add(
                    String.format(
                            Locale.ROOT,
                            "The simulation is off by %.2f %s %s; at most %.2f %s were allowed.",
                            Math.abs(error),
                            unit,
                            what,
                            limit,
                            unit));
        }
    }

    private static Optional<PolicyRun> candidate(
            BacktestResult result, @Nullable String name, List<String> doubts) {
        List<PolicyRun> candidates =
                result.runs().stream().filter(run -> run.role() == Role.CANDIDATE).toList();
        @Nullable String wanted = name != null ? name : result.verdict().best();
        if (wanted == null && candidates.size() == 1) {
            return Optional.of(candidates.getFirst());
        }
        Optional<PolicyRun> found =
                candidates.stream().filter(run -> run.name().equals(wanted)).findFirst();
        if (found.isEmpty()) {
            List<String> names = candidates.stream().map(PolicyRun::name).toList();
            doubts.add(
                    wanted == null
                            ? "Which candidate is meant? The result has " + names + "."
                            : "The result has no candidate " + wanted + ", but " + names + ".");
        }
        return found;
    }

    private static List<String> caveats(BacktestResult result) {
        List<String> caveats = new ArrayList<>();
        if (result.seeds().size() < 2) {
            caveats.add("One simulated run only: the intervals have no width.");
        }
        return caveats;
    }
}
