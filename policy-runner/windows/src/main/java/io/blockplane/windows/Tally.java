package io.blockplane.windows;

import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import java.util.Arrays;

/**
 * What was seen in one second, or by one event: the sums of {@link Measure} and how many tasks fell
 * into each of {@link LatencyBins}. Sums and counts only, so the order in which events come makes
 * no difference: equal tallies have equal bytes.
 */
final class Tally {

    private final long[] sums = new long[Measure.COUNT];

    /** Ascending; with {@link #counts} beside it, both used up to {@link #binCount}. */
    private int[] bins = {};

    private int[] counts = {};
    private int binCount;

    /** A tally with the second that it belongs to, as stored. */
    record OfSecond(long second, Tally tally) {}

    /** The tally of one task, for its instance and for its block alike. */
    static Tally ofTask(TaskFinished task) {
        Tally tally = new Tally();
        tally.set(Measure.TASKS, 1);
        tally.set(Measure.ERRORS, task.outcome() == Outcome.COMPLETED ? 0 : 1);
        tally.set(Measure.TOTAL_US, task.totalUs());
        tally.set(Measure.QUEUE_US, task.queueUs());
        if (task.instanceId() != null) {
            tally.set(Measure.REACHED, 1);
            tally.set(Measure.SERVICE_US, task.serviceUs());
        }
        tally.set(Measure.TOKENS_IN, task.tokensIn());
        tally.set(Measure.TOKENS_OUT, task.tokensOut());
        tally.addBin(LatencyBins.of(task.totalUs()), 1);
        return tally;
    }

    /** The tally of one tick that found this many tasks outstanding. */
    static Tally ofTick(long outstanding) {
        Tally tally = new Tally();
        tally.set(Measure.TICKS, 1);
        tally.set(Measure.OUTSTANDING, outstanding);
        return tally;
    }

    void add(Tally other) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += other.sums[i];
        }
        for (int i = 0; i < other.binCount; i++) {
            addBin(other.bins[i], other.counts[i]);
        }
    }

    /** Adds this, {@code times} over (1 or -1), to the sums, bins and octaves of a window. */
    void addTo(long[] windowSums, int[] windowBins, int[] windowOctaves, int times) {
        for (int i = 0; i < sums.length; i++) {
            windowSums[i] += times * sums[i];
        }
        for (int i = 0; i < binCount; i++) {
            windowBins[bins[i]] += times * counts[i];
            windowOctaves[bins[i] / LatencyBins.PER_OCTAVE] += times * counts[i];
        }
    }

    boolean isEmpty() {
        return sums[Measure.TASKS.place()] == 0 && sums[Measure.TICKS.place()] == 0;
    }

    /**
     * The stored form: the second, which sums are not zero, these, and the bins as steps from one
     * to the next with their counts.
     */
    byte[] encode(long second) {
        StateWriter writer = new StateWriter();
        long present = 0;
        for (int i = 0; i < sums.length; i++) {
            present |= sums[i] == 0 ? 0 : 1L << i;
        }
        writer.number(second).number(present);
        for (long sum : sums) {
            if (sum != 0) {
                writer.number(sum);
            }
        }
        int before = 0;
        for (int i = 0; i < binCount; i++) {
            writer.number(bins[i] - before).number(counts[i]);
            before = bins[i];
        }
        return writer.toBytes();
    }

    static OfSecond decode(byte[] bytes) {
        StateReader reader = new StateReader(bytes);
        long second = reader.number();
        long present = reader.number();
        Tally tally = new Tally();
        for (int i = 0; i < tally.sums.length; i++) {
            tally.sums[i] = (present & 1L << i) == 0 ? 0 : reader.number();
        }
        int bin = 0;
        while (reader.hasMore()) {
            bin += reader.count();
            tally.addBin(bin, reader.count());
        }
        return new OfSecond(second, tally);
    }

    private void set(Measure measure, long value) {
        sums[measure.place()] = value;
    }

    private void addBin(int bin, int count) {
        int found = Arrays.binarySearch(bins, 0, binCount, bin);
        if (found >= 0) {
            counts[found] += count;
            return;
        }
        int at = -found - 1;
        if (binCount == bins.length) {
            int capacity = Math.max(1, 2 * binCount);
            bins = Arrays.copyOf(bins, capacity);
            counts = Arrays.copyOf(counts, capacity);
        }
        System.arraycopy(bins, at, bins, at + 1, binCount - at);
        System.arraycopy(counts, at, counts, at + 1, binCount - at);
        bins[at] = bin;
        counts[at] = count;
        binCount++;
    }
}
