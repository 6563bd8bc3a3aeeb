package io.blockplane.replay.report;

import io.blockplane.simulator.result.BacktestResult.Timeline;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * A timeline in few rows for reading: pieces of equal length, of a length that people use.
 *
 * @param lengthMs of a piece
 * @param count of pieces
 */
record Buckets(long lengthMs, int count) {

    static final int ROWS_MAX = 30;

    private static final long[] LENGTHS_S = {
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400
    };

    /** At most {@link #ROWS_MAX} pieces, or days. */
    static Buckets of(long durationMs) {
        for (long seconds : LENGTHS_S) {
            if (durationMs <= seconds * 1_000 * ROWS_MAX) {
                return new Buckets(seconds * 1_000, pieces(durationMs, seconds * 1_000));
            }
        }
        return new Buckets(86_400_000, pieces(durationMs, 86_400_000));
    }

    double mean(List<? extends Number> steps, long stepMs, int bucket) {
        return piece(steps, stepMs, bucket).average().orElse(Double.NaN);
    }

    double max(List<? extends Number> steps, long stepMs, int bucket) {
        return piece(steps, stepMs, bucket).max().orElse(Double.NaN);
    }

    double sum(List<? extends Number> steps, long stepMs, int bucket) {
        return piece(steps, stepMs, bucket).sum();
    }

    static long length(Timeline timeline) {
        return timeline.stepMs() * timeline.instances().size();
    }

    /** The steps that begin in the piece. */
    private DoubleStream piece(List<? extends Number> steps, long stepMs, int bucket) {
        int from = ceilDivision(bucket * lengthMs, stepMs);
        int to = Math.min(steps.size(), ceilDivision((bucket + 1) * lengthMs, stepMs));
        return IntStream.range(from, Math.max(from, to))
                .mapToDouble(i -> steps.get(i).doubleValue());
    }

    private static int ceilDivision(long a, long b) {
        return Math.toIntExact(Math.ceilDiv(a, b));
    }

    private static int pieces(long durationMs, long lengthMs) {
        return Math.max(1, Math.toIntExact(Math.ceilDiv(durationMs, lengthMs)));
    }
}
