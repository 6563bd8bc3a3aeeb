package io.blockplane.simulator.sample;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Slo;
import io.blockplane.simulator.result.BacktestResult.Source;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.result.BacktestResult.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Results that look like real ones, for tests: an hour of bursty load, flowed through seven
 * policies by a rough model. Equal for equal seeds.
 */
public final class SampleResults {

    static final int STEPS = 360;
    static final long STEP_MS = 10_000;

    private final SplittableRandom random;
    private final List<Integer> requests = new ArrayList<>();

    private SampleResults(long seed) {
        random = new SplittableRandom(seed);
        for (int step = 0; step < STEPS; step++) {
            double wave = 26 + 14 * Math.sin(step / 41.0) + 6 * Math.sin(step / 7.0);
            double burst = step % 97 > 88 ? 2.1 : 1;
            requests.add((int) Math.max(0, wave * burst + 5 * random.nextGaussian()));
        }
    }

    /** With calibration, and a candidate that is better. */
    public static BacktestResult of(long seed) {
        return new SampleResults(seed).make();
    }

    /** The same with another verdict. */
    public static BacktestResult with(BacktestResult result, Verdict verdict) {
        return new BacktestResult(
                result.source(),
                result.slo(),
                result.workload(),
                result.seeds(),
                result.calibration(),
                result.runs(),
                verdict);
    }

    /** The same with other runs. */
    public static BacktestResult with(BacktestResult result, List<PolicyRun> runs) {
        return new BacktestResult(
                result.source(),
                result.slo(),
                result.workload(),
                result.seeds(),
                result.calibration(),
                runs,
                result.verdict());
    }

    /** The same with another calibration, or none. */
    public static BacktestResult with(BacktestResult result, @Nullable Calibration calibration) {
        return new BacktestResult(
                result.source(),
                result.slo(),
                result.workload(),
                result.seeds(),
                calibration,
                result.runs(),
                result.verdict());
    }

    /** The same with a candidate that differs from the incumbent by so much. */
    public static BacktestResult withDifferences(
            BacktestResult result,
            String candidate,
            Estimate costDifference,
            Estimate sloDifference) {
        return with(
                result,
                result.runs().stream()
                        .map(run ->
                                run.name().equals(candidate)
                                        ? differing(run, costDifference, sloDifference)
                                        : run)
                        .toList());
    }

    /** The run under another name. */
    public static PolicyRun named(PolicyRun run, String name) {
        return copy(run, name, run.costDifference(), run.sloDifference(), run.decisions());
    }

    /** The run with other decisions. */
    public static PolicyRun deciding(PolicyRun run, List<DecisionMark> decisions) {
        return copy(run, run.name(), run.costDifference(), run.sloDifference(), decisions);
    }

    private static PolicyRun differing(PolicyRun run, Estimate cost, Estimate slo) {
        return copy(run, run.name(), cost, slo, run.decisions());
    }

    private static PolicyRun copy(
            PolicyRun run,
            String name,
            @Nullable Estimate cost,
            @Nullable Estimate slo,
            List<DecisionMark> decisions) {
        return new PolicyRun(
                name,
                run.role(),
                run.instanceSeconds(),
                run.sloAttainment(),
                cost,
                slo,
                run.shareOfOracleSaving(),
                run.totalMs(),
                run.queueMs(),
                run.refused(),
                run.failed(),
                run.scaleActions(),
                run.timeline(),
                decisions);
    }

    private BacktestResult make() {
        List<SampleRun> flows =
                List.of(
                        flow("token-autoscaler 1.2.0", Role.INCUMBENT, 6, 2.1, 14),
                        flow("token-autoscaler 1.3.0-rc1", Role.CANDIDATE, 6, 1.78, 3),
                        flow("token-autoscaler 1.3.0-lean", Role.CANDIDATE, 5, 1.25, 3),
                        flow("static peak", Role.BASELINE, 10, 0, 0),
                        flow("static mean", Role.BASELINE, 4, 0, 0),
                        flow("hpa-like", Role.BASELINE, 6, 1.9, 24),
                        flow("knative-like", Role.BASELINE, 6, 1.6, 8),
                        flow("oracle", Role.ORACLE, 6, 1.08, 1));
        double incumbent = flows.getFirst().instanceSeconds();
        double peak = flows.get(3).instanceSeconds();
        double oracle = flows.getLast().instanceSeconds();
        List<PolicyRun> runs = new ArrayList<>();
        for (SampleRun flow : flows) {
            boolean first = flow.role() == Role.INCUMBENT;
            double cost = flow.instanceSeconds() - incumbent;
            double slo = flow.attainment() - flows.getFirst().attainment();
            runs.add(
                    new PolicyRun(
                            flow.name(),
                            flow.role(),
                            about(flow.instanceSeconds(), 0.012 * flow.instanceSeconds(), 1e9),
                            about(flow.attainment(), 0.004, 1),
                            first ? null : about(cost, 0.008 * incumbent, 1e9),
                            first ? null : about(slo, 0.0015, 1),
                            (peak - flow.instanceSeconds()) / (peak - oracle),
                            flow.totalMs(),
                            flow.queueMs(),
                            flow.refused(),
                            flow.role() == Role.CANDIDATE ? 1 : 0,
                            about(flow.decisions().size(), 0.05 * flow.decisions().size(), 1e9),
                            flow.timeline(),
                            flow.decisions()));
        }
        return new BacktestResult(
                new Source(
                        "log",
                        "block llm-eu, blockplane-log-2026-11-23.jsonl.gz",
                        "5b1c2f0d9e8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c",
                        1_763_884_800_000L,
                        1_763_884_800_000L + STEPS * STEP_MS,
                        "llm-sim's step model, fitted from 9,204 tasks of the block's own log (mean"
                                + " error 4.1 %)",
                        "blockplane 0.1.0"),
                new Slo(5_000, 0.99),
                workload(),
                List.of(11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L, 20L),
                calibration(incumbent),
                runs,
                verdict(runs));
    }

    private SampleRun flow(String name, Role role, int start, double headroom, int lagSteps) {
        return SampleRun.of(random.split(), requests, name, role, start, headroom, lagSteps);
    }

    private Estimate about(double mean, double spread, double limit) {
        double low = spread * (0.7 + 0.6 * random.nextDouble());
        double high = spread * (0.7 + 0.6 * random.nextDouble());
        return new Estimate(mean, mean - low, Math.min(limit, mean + high));
    }

    private Workload workload() {
        long total = requests.stream().mapToLong(Integer::longValue).sum();
        int peak = requests.stream().mapToInt(Integer::intValue).max().orElseThrow();
        return new Workload(
                total,
                total * 1_210,
                total * 187,
                STEPS * STEP_MS,
                peak * (double) STEPS / total,
                STEP_MS,
                requests);
    }

    private static Calibration calibration(double incumbent) {
        return new Calibration(
                List.of(
                        row("instance-seconds", "s", incumbent * 0.981, incumbent),
                        row("total time p50", "ms", 1_962, 2_011),
                        row("total time p90", "ms", 3_604, 3_777),
                        row("total time p99", "ms", 8_731, 8_102),
                        row("queue time p99", "ms", 5_120, 4_733),
                        row("scale actions", "", 31, 32),
                        row("SLO attainment", "%", 97.81, 98.05)),
                3.9,
                0.6,
                1.9,
                0.3);
    }

    private static Calibration.Row row(
            String measure, String unit, double recorded, double simulated) {
        return new Calibration.Row(
                measure, unit, recorded, simulated, 100 * (simulated / recorded - 1));
    }

    private static Verdict verdict(List<PolicyRun> runs) {
        PolicyRun incumbent = runs.getFirst();
        PolicyRun best = runs.get(1);
        double saving =
                100 * (1 - best.instanceSeconds().mean() / incumbent.instanceSeconds().mean());
        return new Verdict(
                Verdict.Kind.BETTER,
                best.name(),
                "Switching to %s would have served the same hour with %.0f %% fewer instance-hours, and as many requests on time."
                        .formatted(best.name(), saving),
                List.of(
                        "The saving is %.1f %%; the simulation of the incumbent is off by 1.9 %% in cost, so the saving is beyond its error."
                                .formatted(saving),
                        "SLO attainment changes by less than the 0.3 points that the simulation is"
                                + " off by.",
                        "One recorded hour says nothing about other days: weekends and launches"
                                + " were not in it."));
    }
}
