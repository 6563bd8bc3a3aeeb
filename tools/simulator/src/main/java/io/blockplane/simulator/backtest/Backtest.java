package io.blockplane.simulator.backtest;

import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Source;
import io.blockplane.simulator.workload.Request;
import io.blockplane.simulator.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Policies on one workload:
 *
 * <ol>
 *   <li>The incumbent runs on every seed, in the rhythm that was recorded, and is put beside what
 *       was recorded.
 *   <li>Incumbent, candidates and baselines run on the same seeds.
 *   <li>Differences are taken seed by seed, from the incumbent, or from the HPA-like baseline when
 *       there is none.
 *   <li>The verdict follows from the differences and the errors.
 * </ol>
 */
public final class Backtest {

    private static final String REFERENCE_BASELINE = "HPA-like";

    /** Steps of a workload's picture, at most. */
    private static final int MAX_STEPS = 400;

    private Backtest() {}

    /**
     * What is compared.
     *
     * @param scenario of the baselines; they and the candidates are in any phase: whether a
     *     decision came just before a burst or just after it was luck, which the seeds draw
     * @param incumbent in the phase that was recorded; null when there is none
     * @param recorded what the incumbent really did; null when nobody knows
     */
    public record Plan(
            Source source,
            Scenario scenario,
            @Nullable Contender incumbent,
            List<Contender> candidates,
            @Nullable Recorded recorded,
            List<Long> seeds) {
        public Plan {
            candidates = List.copyOf(candidates);
            seeds = List.copyOf(seeds);
            if (seeds.isEmpty()) {
                throw new IllegalArgumentException("seeds: none (expected: at least one)");
            }
        }
    }

    private record Ran(Contender contender, List<RunTrace> runs) {
        double[] each(ToDoubleFunction<RunTrace> measure) {
            return runs.stream().mapToDouble(measure).toArray();
        }

        double cost() {
            return runs.stream().mapToDouble(RunTrace::instanceSeconds).average().orElse(0);
        }
    }

    /** Runs all of it. */
    public static BacktestResult run(Plan plan, Runner runner) {
        List<Ran> all = new ArrayList<>();
        Calibration calibration = null;
        Contender incumbent = plan.incumbent();
        if (incumbent != null) {
            Recorded recorded = plan.recorded();
            calibration =
                    recorded == null
                            ? null
                            : Calibrating.of(
                                    recorded,
                                    runner.all(incumbent, plan.seeds()),
                                    plan.scenario().slo().totalTimeMs());
            all.add(run(incumbent.inAnyPhase(), plan, runner));
        }
        plan.candidates().forEach(c -> all.add(run(c, plan, runner)));
        List<Contender> baselines =
                new Baselines(plan.scenario(), plan.seeds().getFirst(), runner).all();
        baselines.forEach(c -> all.add(run(c, plan, runner)));

        Ran reference = reference(all);
        double peak = all.stream().filter(r -> isStaticPeak(r)).findFirst().orElseThrow().cost();
        double oracle = all.getLast().cost();
        List<PolicyRun> runs =
                all.stream().map(r -> policyRun(r, reference, peak, oracle)).toList();
        PolicyRun referenceRun = runs.get(all.indexOf(reference));
        return new BacktestResult(
                plan.source(),
                plan.scenario().slo(),
                picture(plan.scenario().workload()),
                plan.seeds(),
                calibration,
                runs,
                new VerdictRule(referenceRun, calibration).of(runs));
    }

    private static Ran run(Contender contender, Plan plan, Runner runner) {
        runner.says("running " + contender.name());
        return new Ran(contender, runner.all(contender, plan.seeds()));
    }

    private static boolean isStaticPeak(Ran ran) {
        return ran.contender.name().startsWith("static peak");
    }

    private static Ran reference(List<Ran> all) {
        return all.getFirst().contender.role() == Role.INCUMBENT
                ? all.getFirst()
                : all.stream()
                        .filter(r -> r.contender.name().startsWith(REFERENCE_BASELINE))
                        .findFirst()
                        .orElseThrow();
    }

    private static PolicyRun policyRun(Ran ran, Ran reference, double peak, double oracle) {
        boolean isReference = ran.equals(reference);
        double[] cost = ran.each(RunTrace::instanceSeconds);
        double[] slo = ran.each(RunTrace::sloAttainment);
        RunTrace first = ran.runs.getFirst();
        return new PolicyRun(
                ran.contender.name(),
                ran.contender.role(),
                Bootstrap.mean(cost),
                Bootstrap.mean(slo),
                isReference
                        ? null
                        : Bootstrap.difference(cost, reference.each(RunTrace::instanceSeconds)),
                isReference
                        ? null
                        : Bootstrap.difference(slo, reference.each(RunTrace::sloAttainment)),
                peak == oracle ? 0 : (peak - ran.cost()) / (peak - oracle),
                first.total().percentiles(),
                first.queue().percentiles(),
                first.refused(),
                first.failed() + first.unfinished(),
                Bootstrap.mean(ran.each(r -> (double) r.scaleActions())),
                first.timeline(),
                first.decisions());
    }

    /** What came in, for a picture of it. */
    static BacktestResult.Workload picture(Workload workload) {
        long span = Math.max(1, workload.lastNanos());
        long stepMs = Math.max(1, (long) Math.ceil(span / 1e9 / MAX_STEPS)) * 1_000;
        int[] steps = new int[(int) (span / 1_000_000 / stepMs) + 1];
        long tokensIn = 0;
        long tokensOut = 0;
        for (Request request : workload.requests()) {
            steps[(int) (request.atNanos() / 1_000_000 / stepMs)]++;
            tokensIn += request.tokensIn();
            tokensOut += request.tokensOut();
        }
        int most = 0;
        List<Integer> perStep = new ArrayList<>(steps.length);
        for (int step : steps) {
            most = Math.max(most, step);
            perStep.add(step);
        }
        return new BacktestResult.Workload(
                workload.size(),
                tokensIn,
                tokensOut,
                Math.round(workload.seconds() * 1e3),
                most * (double) steps.length / workload.size(),
                stepMs,
                perStep);
    }
}
