package io.blockplane.simulator;

import io.blockplane.simulator.result.BacktestResult.Percentiles;
import java.util.Arrays;

/** Times of many requests, milliseconds. */
public final class Times {

    private final double[] sorted;

    private Times(double[] sorted) {
        this.sorted = sorted;
    }

    public static Times ofMs(double[] ms) {
        double[] sorted = ms.clone();
        Arrays.sort(sorted);
        return new Times(sorted);
    }

    public int size() {
        return sorted.length;
    }

    /** By nearest rank; 0 when there are none. */
    public double quantile(double quantile) {
        return sorted.length == 0
                ? 0
                : sorted[Math.max(0, (int) Math.ceil(quantile * sorted.length) - 1)];
    }

    /** 0 when there are none. */
    public double mean() {
        return Arrays.stream(sorted).average().orElse(0);
    }

    public Percentiles percentiles() {
        return new Percentiles(quantile(0.5), quantile(0.9), quantile(0.99), quantile(1));
    }
}
