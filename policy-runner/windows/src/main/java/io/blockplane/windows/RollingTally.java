package io.blockplane.windows;

import java.util.Arrays;

/**
 * The running tally of one window: seconds are added as they are seen and subtracted as they leave.
 */
final class RollingTally {

    private final WindowLength length;
    private final long[] sums = new long[Measure.COUNT];
    private final int[] bins = new int[LatencyBins.COUNT];

    /** What {@link #bins} hold together in each octave, so that few need to be looked at. */
    private final int[] octaves = new int[LatencyBins.OCTAVES];

    RollingTally(WindowLength length) {
        this.length = length;
    }

    int seconds() {
        return length.seconds();
    }

    void add(Tally tally) {
        tally.addTo(sums, bins, octaves, 1);
    }

    void subtract(Tally tally) {
        tally.addTo(sums, bins, octaves, -1);
    }

    void clear() {
        Arrays.fill(sums, 0);
        Arrays.fill(bins, 0);
        Arrays.fill(octaves, 0);
    }

    long sum(Measure measure) {
        return sums[measure.place()];
    }

    /**
     * The total time of the task at this percentile, microseconds: of n tasks in ascending order
     * the one at place {@code ceil(percent / 100 * n)}; 0 when there are none.
     */
    long percentileUs(int percent) {
        long rank = (sum(Measure.TASKS) * percent + 99) / 100;
        if (rank == 0) {
            return 0;
        }
        long before = 0;
        int octave = 0;
        while (before + octaves[octave] < rank) {
            before += octaves[octave++];
        }
        int bin = octave * LatencyBins.PER_OCTAVE;
        while (before + bins[bin] < rank) {
            before += bins[bin++];
        }
        return LatencyBins.representative(bin);
    }
}
