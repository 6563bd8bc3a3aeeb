package io.blockplane.simulator;

import java.util.Arrays;
import java.util.Collection;
import java.util.SplittableRandom;

/** How long something takes: as often as it was seen to. */
public final class Durations {

    private final long[] sortedNanos;

    private Durations(long[] sortedNanos) {
        this.sortedNanos = sortedNanos;
    }

    /**
     * Of what was seen.
     *
     * @param ms milliseconds, at least one value, none negative
     */
    public static Durations ofMs(Collection<? extends Number> ms) {
        if (ms.isEmpty()) {
            throw new IllegalArgumentException("durations: none (expected: at least one)");
        }
        long[] nanos = ms.stream().mapToLong(v -> Math.round(v.doubleValue() * 1e6)).toArray();
        Arrays.sort(nanos);
        if (nanos[0] < 0) {
            throw new IllegalArgumentException(
                    "durations: " + nanos[0] / 1e6 + " ms (expected: >= 0)");
        }
        return new Durations(nanos);
    }

    /** Always the same. */
    public static Durations ofMs(double ms) {
        return ofMs(java.util.List.of(ms));
    }

    /** One of them, each as likely. */
    public long nanos(SplittableRandom random) {
        return sortedNanos.length == 1
                ? sortedNanos[0]
                : sortedNanos[random.nextInt(sortedNanos.length)];
    }

    public double meanMs() {
        return Arrays.stream(sortedNanos).average().orElse(0) / 1e6;
    }

    public int size() {
        return sortedNanos.length;
    }

    @Override
    public String toString() {
        return sortedNanos.length == 1
                ? "%.0f ms".formatted(meanMs())
                : "%.0f ms (mean of %d)".formatted(meanMs(), sortedNanos.length);
    }
}
