package io.blockplane.replay.gate;

import org.jspecify.annotations.Nullable;

/**
 * What a candidate has to keep, and how good the simulation has to be for its word to count.
 *
 * @param candidate by name; null: the verdict's best, or the only candidate
 * @param maxSloLossPoints of requests on time, in percentage points below the incumbent
 * @param maxCostPercent above the incumbent's instance-seconds; below 0 asks for a saving
 * @param maxCostErrorPercent of the calibration's instance-seconds
 * @param maxSloErrorPoints of the calibration's requests on time
 */
public record GateLimits(
        @Nullable String candidate,
        double maxSloLossPoints,
        double maxCostPercent,
        double maxCostErrorPercent,
        double maxSloErrorPoints) {

    /** What a backtest has to reach on a recorded run. */
    public static final double COST_ERROR_PERCENT_DEFAULT = 5;

    public static final double SLO_ERROR_POINTS_DEFAULT = 1;

    public GateLimits {
        finite(maxSloLossPoints, "maxSloLossPoints");
        finite(maxCostPercent, "maxCostPercent");
        finite(maxCostErrorPercent, "maxCostErrorPercent");
        finite(maxSloErrorPoints, "maxSloErrorPoints");
    }

    /** With the default demands on the calibration. */
    public static GateLimits of(
            @Nullable String candidate, double maxSloLossPoints, double maxCostPercent) {
        return new GateLimits(
                candidate,
                maxSloLossPoints,
                maxCostPercent,
                COST_ERROR_PERCENT_DEFAULT,
                SLO_ERROR_POINTS_DEFAULT);
    }

    private static void finite(double value, String name) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: a finite number)");
        }
    }
}
