package io.blockplane.simulator.result;

import static io.blockplane.simulator.result.RecordReader.wrong;

import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.result.BacktestResult.Role;
import io.blockplane.simulator.result.BacktestResult.Timeline;
import io.blockplane.simulator.result.BacktestResult.Verdict;
import io.blockplane.simulator.result.BacktestResult.Workload;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the fields of a result owe each other. */
final class ResultRules {

    private static final String SHARE = "a share, 0 to 1";

    private ResultRules() {}

    /**
     * Refuses a result that can't be shown or judged.
     *
     * @throws IllegalArgumentException with the path of the field that is at odds with the rest
     */
    static void check(BacktestResult result) {
        need(result.slo().totalTimeMs() > 0, "slo.totalTimeMs", result.slo().totalTimeMs(), "> 0");
        double target = result.slo().target();
        need(target >= 0 && target <= 1, "slo.target", target, SHARE);
        workload(result.workload());
        need(!result.runs().isEmpty(), "runs", result.runs(), "at least one");
        Set<String> names = new HashSet<>();
        int incumbents = 0;
        for (int i = 0; i < result.runs().size(); i++) {
            PolicyRun run = result.runs().get(i);
            String path = "runs[" + i + "]";
            need(!run.name().isBlank(), path + ".name", "\"\"", "a name");
            need(names.add(run.name()), path + ".name", run.name(), "a name that no other run has");
            incumbents += run.role() == Role.INCUMBENT ? 1 : 0;
            need(incumbents <= 1, path + ".role", run.role(), "one incumbent at the most");
            run(run, path);
        }
        verdict(result.verdict(), result.runs());
    }

    private static void workload(Workload workload) {
        notNegative(workload.requests(), "workload.requests");
        notNegative(workload.tokensIn(), "workload.tokensIn");
        notNegative(workload.tokensOut(), "workload.tokensOut");
        notNegative(workload.durationMs(), "workload.durationMs");
        need(workload.stepMs() > 0, "workload.stepMs", workload.stepMs(), "> 0");
        notNegative(workload.requestsPerStep(), "workload.requestsPerStep");
    }

    private static void run(PolicyRun run, String path) {
        estimate(run.instanceSeconds(), path + ".instanceSeconds");
        estimate(run.sloAttainment(), path + ".sloAttainment");
        share(run.sloAttainment().mean(), path + ".sloAttainment.mean");
        share(run.sloAttainment().low(), path + ".sloAttainment.low");
        share(run.sloAttainment().high(), path + ".sloAttainment.high");
        estimate(run.costDifference(), path + ".costDifference");
        estimate(run.sloDifference(), path + ".sloDifference");
        estimate(run.scaleActions(), path + ".scaleActions");
        notNegative(run.refused(), path + ".refused");
        notNegative(run.failed(), path + ".failed");
        timeline(run.timeline(), path + ".timeline");
        for (int i = 0; i < run.decisions().size(); i++) {
            DecisionMark mark = run.decisions().get(i);
            notNegative(mark.atMs(), path + ".decisions[" + i + "].atMs");
        }
    }

    private static void timeline(Timeline timeline, String path) {
        need(timeline.stepMs() > 0, path + ".stepMs", timeline.stepMs(), "> 0");
        int steps = timeline.instances().size();
        String asMany = steps + ", as many as instances";
        int waiting = timeline.waiting().size();
        need(waiting == steps, path + ".waiting", waiting + " steps", asMany);
        int misses = timeline.sloMisses().size();
        need(misses == steps, path + ".sloMisses", misses + " steps", asMany);
        notNegative(timeline.waiting(), path + ".waiting");
        notNegative(timeline.sloMisses(), path + ".sloMisses");
        for (int i = 0; i < steps; i++) {
            double instances = timeline.instances().get(i);
            need(instances >= 0, path + ".instances[" + i + "]", instances, ">= 0");
        }
    }

    private static void verdict(Verdict verdict, List<PolicyRun> runs) {
        need(!verdict.sentence().isBlank(), "verdict.sentence", "\"\"", "a sentence");
        @Nullable String best = verdict.best();
        if (best == null) {
            need(
                    verdict.kind() != Verdict.Kind.BETTER,
                    "verdict.best",
                    null,
                    "the name of the candidate that is better");
            return;
        }
        List<String> names = runs.stream().map(PolicyRun::name).toList();
        need(names.contains(best), "verdict.best", best, "one of the runs " + names);
    }

    private static void estimate(@Nullable Estimate estimate, String path) {
        if (estimate != null) {
            need(
                    estimate.low() <= estimate.high(),
                    path + ".low",
                    estimate.low(),
                    "<= high, which is " + estimate.high());
        }
    }

    private static void share(double value, String path) {
        need(value >= 0 && value <= 1, path, value, SHARE);
    }

    private static void notNegative(List<Integer> values, String path) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) < 0) {
                throw wrong("result." + path + "[" + i + "]", values.get(i), ">= 0");
            }
        }
    }

    private static void notNegative(long value, String path) {
        need(value >= 0, path, value, ">= 0");
    }

    private static void need(boolean holds, String path, @Nullable Object value, String expected) {
        if (!holds) {
            throw wrong("result." + path, value, expected);
        }
    }
}
