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
     * It ended; to be called once.
     *
     * @param tells whether its time says something of the instance: not when it was given up early
     */
    public void ended(Running request, boolean tells, long nowNanos) {
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
        if (tells) {
            sample((nowNanos - request.startNanos) / NANOS_PER_MICRO, nowNanos);
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

    private void sample(long latencyUs, long nowNanos) {
        int slot = count % SAMPLES;
        samplesUs[slot] = latencyUs;
        sampledNanos[slot] = nowNanos;
        newestNanos = nowNanos;
        // From the second round on it only tells the slot; it must not overflow.
        count = count == 2 * SAMPLES - 1 ? SAMPLES : count + 1;
        int fresh = 0;
        for (int i = 0; i < Math.min(count, SAMPLES); i++) {
            if (nowNanos - sampledNanos[i] <= MAX_AGE.toNanos()) {
                sorted[fresh++] = samplesUs[i];
            }
        }
        Arrays.sort(sorted, 0, fresh);
        medianUs = sorted[fresh / 2];
    }
}
