package io.blockplane.executor.core;

import java.time.Duration;
import java.util.Arrays;

/**
 * Counts what happened in the last so many seconds, in {@value #SLICES} slices: the oldest slice
 * goes at once, so the window is up to a slice shorter than it says. Time must not go back.
 */
final class WindowedCount {

    private static final int SLICES = 10;

    private final long sliceNanos;
    private final long[] counts = new long[SLICES];

    /** Since some origin, in slices. */
    private long newest = Long.MIN_VALUE;

    private long sum;

    WindowedCount(Duration window) {
        this.sliceNanos = Math.max(1, window.toNanos() / SLICES);
    }

    void add(long nowNanos, long amount) {
        move(nowNanos);
        counts[slot(newest)] += amount;
        sum += amount;
    }

    long sum(long nowNanos) {
        move(nowNanos);
        return sum;
    }

    void clear() {
        Arrays.fill(counts, 0);
        sum = 0;
    }

    private void move(long nowNanos) {
        long slice = Math.floorDiv(nowNanos, sliceNanos);
        if (newest == Long.MIN_VALUE || slice - newest >= SLICES) {
            clear();
            newest = slice;
        }
        while (newest < slice) {
            newest++;
            sum -= counts[slot(newest)];
            counts[slot(newest)] = 0;
        }
    }

    private static int slot(long slice) {
        return (int) Math.floorMod(slice, (long) SLICES);
    }
}
