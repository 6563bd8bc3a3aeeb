package io.blockplane.simulator;

import java.util.SplittableRandom;

/**
 * Random numbers that belong to a thing (the n-th instance's start, the n-th request's service) and
 * not to the moment at which they are drawn: two policies in a run of the same seed meet the same
 * luck, so their difference is the policies'.
 */
public final class Chance {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    /** What is drawn. */
    public enum Stream {
        START_UP,
        STOP,
        DECISION_LAG,
        PHASE,
        SERVICE,
        ENGINE,
        BALANCER,
        ARRIVALS,
        TOKENS,
        BOOTSTRAP,
        SWEEP
    }

    private Chance() {}

    /** The numbers of one thing. */
    public static SplittableRandom of(long seed, Stream stream, long number) {
        return new SplittableRandom(
                mix(mix(seed) + stream.name().hashCode() * GOLDEN_GAMMA) ^ mix(number));
    }

    private static long mix(long x) {
        long z = x + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
