package io.blockplane.windows;

import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import java.util.function.ToDoubleFunction;

/** From integer sums to what policies read: one division each, at the very end. */
final class Statistics {

    private static final double US_PER_SECOND = 1e6;
    private static final long SECONDS_PER_MINUTE = 60;

    private Statistics() {}

    static WindowStats of(Series series) {
        return new WindowStats(
                rolling(series, w -> w.sum(Measure.TASKS)),
                rolling(series, w -> (double) w.sum(Measure.TASKS) / w.seconds()),
                rolling(series, w -> w.sum(Measure.ERRORS)),
                rolling(series, w -> meanSeconds(w, Measure.TOTAL_US, Measure.TASKS)),
                rolling(series, w -> w.percentileUs(50) / US_PER_SECOND),
                rolling(series, w -> w.percentileUs(95) / US_PER_SECOND),
                rolling(series, w -> w.percentileUs(99) / US_PER_SECOND),
                rolling(series, w -> meanSeconds(w, Measure.QUEUE_US, Measure.TASKS)),
                rolling(series, w -> meanSeconds(w, Measure.SERVICE_US, Measure.REACHED)),
                rolling(series, w -> perMinute(w, Measure.TOKENS_IN)),
                rolling(series, w -> perMinute(w, Measure.TOKENS_OUT)),
                rolling(series, w -> mean(w, Measure.OUTSTANDING, Measure.TICKS)));
    }

    private static Rolling rolling(Series series, ToDoubleFunction<RollingTally> value) {
        return new Rolling(
                value.applyAsDouble(series.current()),
                value.applyAsDouble(series.oneMinute()),
                value.applyAsDouble(series.fiveMinutes()),
                value.applyAsDouble(series.fifteenMinutes()));
    }

    private static double perMinute(RollingTally window, Measure sum) {
        return (double) (SECONDS_PER_MINUTE * window.sum(sum)) / window.seconds();
    }

    private static double meanSeconds(RollingTally window, Measure sum, Measure count) {
        long n = window.sum(count);
        return n == 0 ? 0 : window.sum(sum) / (n * US_PER_SECOND);
    }

    private static double mean(RollingTally window, Measure sum, Measure count) {
        long n = window.sum(count);
        return n == 0 ? 0 : (double) window.sum(sum) / n;
    }
}
