package io.blockplane.instances;

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

    /** Of them, those that count: the ones that met the most similar load. */
    static final int COUNTED = 16;

    private final int[] inFlightThen = new int[REMEMBERED];
    private final long[] latencyUs = new long[REMEMBERED];
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
    }

    synchronized Reading read() {
        int known = (int) Math.min(ended, REMEMBERED);
        if (known == 0) {
            return new Reading(inFlight, 0);
        }
        // A task that came now would be one more.
        int now = inFlight + 1;
        long[] byDistance = new long[known];
        for (int i = 0; i < known; i++) {
            long distance = Math.abs(inFlightThen[i] - now);
            long age = Math.floorMod(ended - 1 - i, (long) REMEMBERED);
            byDistance[i] = (distance << 32) + (age << 16) + i;
        }
        Arrays.sort(byDistance);
        long[] nearest =
                Arrays.stream(byDistance)
                        .limit(COUNTED)
                        .map(key -> latencyUs[(int) (key & 0xFFFF)])
                        .sorted()
                        .toArray();
        return new Reading(inFlight, nearest[nearest.length / 2]);
    }
}
