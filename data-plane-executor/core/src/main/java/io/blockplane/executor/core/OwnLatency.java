package io.blockplane.executor.core;

import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an executor sees by itself of one instance's latency, for instances that can't be probed.
 * The estimate is the median of the last {@value #SAMPLES} requests, if they ended in the last
 * {@link #MAX_AGE}, or half the age of the oldest request that runs there, whichever is more: an
 * instance that has become slow shows it before its first slow answer.
 */
public final class OwnLatency {

    static final int SAMPLES = 15;

    /** Afterwards nothing is known of it, so that it is tried again. */
    static final Duration MAX_AGE = Duration.ofSeconds(5);

    private static final long NANOS_PER_MICRO = 1_000;

    private final long[] samplesUs = new long[SAMPLES];
    private final boolean[] wholes = new boolean[SAMPLES];
    private final long[] sampledNanos = new long[SAMPLES];
    private final long[] sorted = new long[SAMPLES];
    private int count;
    private long medianUs;
    private long newestNanos;

    /** Those that run, oldest first. */
    private @Nullable Running oldest;

    private @Nullable Running newest;

    /** One request that runs. */
    public static final class Running {
        private final long startNanos;
        private @Nullable Running before;
        private @Nullable Running after;

        private Running(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    /** A request begins. */
    public Running started(long nowNanos) {
        Running request = new Running(nowNanos);
        Running last = newest;
        request.before = last;
        if (last == null) {
            oldest = request;
        } else {
            last.after = request;
        }
        newest = request;
        return request;
    }

    /**
     * It was answered, or given up early; to be called once.
     *
     * @param tells whether its time says something of the instance: not when it was given up early
     */
    public void ended(Running request, boolean tells, long nowNanos) {
        remove(request);
        if (tells) {
            sample((nowNanos - request.startNanos) / NANOS_PER_MICRO, /* whole= */ true, nowNanos);
        }
    }

    /**
     * Its time ran out; to be called once. How long it would have taken nobody knows, only that it
     * is more than the time it had: which may have been so short that it looks fast.
     *
     * @param atLeastUs what it counts as if it had less
     */
    public void cutOff(Running request, long atLeastUs, long nowNanos) {
        remove(request);
        long elapsedUs = (nowNanos - request.startNanos) / NANOS_PER_MICRO;
        sample(Math.max(elapsedUs, atLeastUs), /* whole= */ false, nowNanos);
    }

    /** Median of the last samples that were not cut off, microseconds; 0 when there are none. */
    public long answeredUs(long nowNanos) {
        return median(/* wholeOnly= */ true, nowNanos);
    }

    private void remove(Running request) {
        Running before = request.before;
        Running after = request.after;
        if (before == null) {
            oldest = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            newest = before;
        } else {
            after.before = before;
        }
    }

    /** Microseconds; 0 when nothing is known. */
    public long estimateUs(long nowNanos) {
        boolean fresh = count > 0 && nowNanos - newestNanos <= MAX_AGE.toNanos();
        long median = fresh ? medianUs : 0;
        return Math.max(median, oldestHalfUs(nowNanos));
    }

    /** Half the age of the oldest request that runs, microseconds; 0 when none does. */
    private long oldestHalfUs(long nowNanos) {
        Running first = oldest;
        return first == null ? 0 : (nowNanos - first.startNanos) / (2 * NANOS_PER_MICRO);
    }

    private void sample(long latencyUs, boolean whole, long nowNanos) {
        int slot = count % SAMPLES;
        samplesUs[slot] = latencyUs;
        wholes[slot] = whole;
        sampledNanos[slot] = nowNanos;
        newestNanos = nowNanos;
        // From the second round on it only tells the slot; it must not overflow.
        count = count == 2 * SAMPLES - 1 ? SAMPLES : count + 1;
        medianUs = median(/* wholeOnly= */ false, nowNanos);
    }

    private long median(boolean wholeOnly, long nowNanos) {
        int fresh = 0;
        for (int i = 0; i < Math.min(count, SAMPLES); i++) {
            if ((wholes[i] || !wholeOnly) && nowNanos - sampledNanos[i] <= MAX_AGE.toNanos()) {
                sorted[fresh++] = samplesUs[i];
            }
        }
        Arrays.sort(sorted, 0, fresh);
        return fresh == 0 ? 0 : sorted[fresh / 2];
    }
}
