package io.blockplane.simulator.backtest;

import io.blockplane.simulator.Chance;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Means with their 95 % percentile bootstrap intervals (Efron, Tibshirani, "An Introduction to the
 * Bootstrap", 1993, chapter 13). Resamples are drawn by a fixed seed.
 */
final class Bootstrap {

    private static final int RESAMPLES = 2_000;
    private static final double TAIL = 0.025;

    private Bootstrap() {}

    /** Of one value for each seed. */
    static Estimate mean(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        SplittableRandom random = Chance.of(1, Chance.Stream.BOOTSTRAP, values.length);
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (int j = 0; j < values.length; j++) {
                sum += values[random.nextInt(values.length)];
            }
            means[i] = sum / values.length;
        }
        Arrays.sort(means);
        return new Estimate(
                mean, means[(int) (TAIL * RESAMPLES)], means[(int) ((1 - TAIL) * RESAMPLES) - 1]);
    }

    /** Of the differences, seed by seed: what both have of the seed's luck falls out. */
    static Estimate difference(double[] of, double[] from) {
        if (of.length != from.length) {
            throw new IllegalArgumentException(
                    "seeds: %d and %d (expected: as many)".formatted(of.length, from.length));
        }
        double[] differences = new double[of.length];
        for (int i = 0; i < of.length; i++) {
            differences[i] = of[i] - from[i];
        }
        return mean(differences);
    }
}
