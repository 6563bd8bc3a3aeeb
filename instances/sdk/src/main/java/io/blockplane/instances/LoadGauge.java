package io.blockplane.instances;

import java.time.Duration;
import java.util.Arrays;

/**
 * How busy an instance is and how fast it would be now, as Prequal's servers tell their clients
 * (Wydrowski et al., "Load is not what you should balance: introducing Prequal", NSDI 2024): each
 * task remembers how many were in flight when it came; the estimate for now is the median latency
 * of the recent tasks that met about as many. Thread safe.
 */
final class LoadGauge {

    /** Tasks remembered. */
    static final int REMEMBERED = 256;

    /** For so long: an instance that was slow once and gets no tasks is not slow for ever. */
    static final Duration RECENT = Duration.ofSeconds(10);

    /** Of them, those that count: the ones that met the most similar load. */
    static final int COUNTED = 16;

    private final int[] inFlightThen = new int[REMEMBERED];
    private final long[] latencyUs = new long[REMEMBERED];
    private final long[] endedNanos = new long[REMEMBERED];
    private int inFlight;
    private long ended;

    /** What is told. */
    record Reading(int inFlight, long latencyUs) {}

    /** A task came; the answer is to be given back at its end. */
    synchronized int began() {
        return ++inFlight;
    }

    /** It ended without having been worked on. */
    synchronized void leftOut() {
        inFlight--;
    }

    synchronized void ended(int inFlightAtStart, long tookUs) {
        inFlight--;
        int slot = (int) (ended++ % REMEMBERED);
        inFlightThen[slot] = inFlightAtStart;
        latencyUs[slot] = tookUs;
        endedNanos[slot] = System.nanoTime();
    }

    synchronized Reading read() {
        int known = (int) Math.min(ended, REMEMBERED);
        // A task that came now would be one more.
        int now = inFlight + 1;
        long[] byDistance = new long[known];
        long nowNanos = System.nanoTime();
        int recent = 0;
        for (int i = 0; i < known; i++) {
            if (nowNanos - endedNanos[i] > RECENT.toNanos()) {
                continue;
            }
            long distance = Math.abs(inFlightThen[i] - now);
            long age = Math.floorMod(ended - 1 - i, (long) REMEMBERED);
            byDistance[recent++] = (distance << 32) + (age << 16) + i;
        }
        if (recent == 0) {
            return new Reading(inFlight, 0);
        }
        Arrays.sort(byDistance, 0, recent);
        long[] nearest =
                Arrays.stream(byDistance, 0, recent)
                        .limit(COUNTED)
                        .map(key -> latencyUs[(int) (key & 0xFFFF)])
                        .sorted()
                        .toArray();
        return new Reading(inFlight, nearest[nearest.length / 2]);
    }
}
