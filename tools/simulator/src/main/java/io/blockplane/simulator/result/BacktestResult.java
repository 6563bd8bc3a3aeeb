package io.blockplane.simulator.result;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one backtest found: each policy's run on the same workload, and how far to believe it.
 *
 * @param seeds one simulated run each; intervals are over them
 * @param calibration null when nothing was recorded to compare with (a public trace)
 * @param runs incumbent first, then candidates, then baselines, the oracle last
 */
public record BacktestResult(
        Source source,
        Slo slo,
        Workload workload,
        List<Long> seeds,
        @Nullable Calibration calibration,
        List<PolicyRun> runs,
        Verdict verdict) {

    public BacktestResult {
        seeds = List.copyOf(seeds);
        runs = List.copyOf(runs);
    }

    /**
     * Where the workload is from.
     *
     * @param kind {@code log}, {@code azure}, {@code mooncake}, {@code csv}, {@code synthetic}
     * @param name of the file or the broker, and the block
     * @param sha256 of the file or of the records read
     * @param fromMs of the recorded time, inclusive, Unix epoch; 0 for traces without dates
     * @param serviceModel what stands for the instances, in words, with its fit's error
     */
    public record Source(
            String kind,
            String name,
            String sha256,
            long fromMs,
            long toMs,
            String serviceModel,
            String version) {}

    /**
     * A request meets the objective when it is answered within the limit; a refused or failed one
     * misses it.
     *
     * @param target share of requests that have to meet it, 0 to 1
     */
    public record Slo(long totalTimeMs, double target) {}

    /**
     * What came in.
     *
     * @param stepMs length of a step of {@code perStep}
     */
    public record Workload(
            long requests,
            long tokensIn,
            long tokensOut,
            long durationMs,
            double peakToMean,
            long stepMs,
            List<Integer> requestsPerStep) {
        public Workload {
            requestsPerStep = List.copyOf(requestsPerStep);
        }
    }

    /**
     * The incumbent simulated, beside what was recorded of it.
     *
     * @param mapePercent mean absolute error of the rows, percent
     * @param biasPercent mean signed error of the rows, percent: above 0 where the simulation says
     *     more than was
     * @param costErrorPercent of instance-seconds alone; a candidate's saving has to exceed it
     * @param sloErrorPoints of SLO attainment, in percentage points
     */
    public record Calibration(
            List<Row> rows,
            double mapePercent,
            double biasPercent,
            double costErrorPercent,
            double sloErrorPoints) {
        public Calibration {
            rows = List.copyOf(rows);
        }

        /** One measure, such as {@code total time p99}, with its unit. */
        public record Row(
                String measure,
                String unit,
                double recorded,
                double simulated,
                double errorPercent) {}
    }

    /** A mean over the seeds, with the 95 % bootstrap interval of it. */
    public record Estimate(double mean, double low, double high) {}

    /** What a policy is in a comparison. */
    public enum Role {
        INCUMBENT,
        CANDIDATE,
        BASELINE,
        ORACLE
    }

    /**
     * One policy on the workload.
     *
     * @param sloAttainment share of requests that met the objective, 0 to 1
     * @param costDifference instance-seconds less the incumbent's on the same seeds, paired; null
     *     for the incumbent. Where there is none, the HPA-like baseline stands in its place
     * @param sloDifference attainment less the incumbent's, paired; null likewise
     * @param shareOfOracleSaving what it saves of what the oracle saves, both beside static peak; 1
     *     is the oracle
     * @param totalMs percentiles of the time from arrival to answer, of answered requests, first
     *     seed
     * @param queueMs of it, waiting
     * @param timeline of the first seed
     * @param decisions of the first seed
     */
    public record PolicyRun(
            String name,
            Role role,
            Estimate instanceSeconds,
            Estimate sloAttainment,
            @Nullable Estimate costDifference,
            @Nullable Estimate sloDifference,
            double shareOfOracleSaving,
            Percentiles totalMs,
            Percentiles queueMs,
            long refused,
            long failed,
            Estimate scaleActions,
            Timeline timeline,
            List<DecisionMark> decisions) {
        public PolicyRun {
            decisions = List.copyOf(decisions);
        }
    }

    /** Milliseconds. */
    public record Percentiles(double p50, double p90, double p99, double max) {}

    /**
     * How a run went, step by step; all lists are of equal length.
     *
     * @param instances that serve, mean of the step
     * @param waiting requests that wait, at the step's end
     * @param sloMisses requests that ended in the step and missed the objective
     */
    public record Timeline(
            long stepMs, List<Double> instances, List<Integer> waiting, List<Integer> sloMisses) {
        public Timeline {
            instances = List.copyOf(instances);
            waiting = List.copyOf(waiting);
            sloMisses = List.copyOf(sloMisses);
        }
    }

    /**
     * A decision that changed something, or wanted to.
     *
     * @param atMs since the workload's beginning
     * @param before instances wanted before it
     * @param reason the policy's own words
     * @param inputs what it decided on, a few measures in words
     */
    public record DecisionMark(long atMs, int before, int after, String reason, String inputs) {}

    /**
     * What may be said.
     *
     * @param sentence for a person with no context, in one sentence
     * @param because further sentences: gain, error, what speaks against it
     */
    public record Verdict(Kind kind, @Nullable String best, String sentence, List<String> because) {
        public Verdict {
            because = List.copyOf(because);
        }

        /** Kinds of verdicts. */
        public enum Kind {
            /** A candidate costs less and loses no attainment, beyond the error. */
            BETTER,
            /** Every candidate costs more, or loses attainment, beyond the error. */
            WORSE,
            /** The difference is inside the error. */
            REFUSED,
            /** There was no candidate. */
            NONE
        }
    }
}
