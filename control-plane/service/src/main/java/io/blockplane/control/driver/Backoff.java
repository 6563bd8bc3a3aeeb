package io.blockplane.control.driver;

import java.time.Duration;

/**
 * How long an instance that keeps exiting waits before it is run again: {@link #FIRST}, then twice
 * as long each time, at the most {@link #LONGEST}. A run that served for {@link #STABLE_AFTER}
 * makes it forget.
 */
record Backoff(int failures) {

    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration LONGEST = Duration.ofSeconds(60);
    static final Duration STABLE_AFTER = Duration.ofSeconds(60);

    static final Backoff NONE = new Backoff(0);

    /** Enough to reach {@link #LONGEST}, and no overflow. */
    private static final int DOUBLINGS = 10;

    /**
     * After one more exit.
     *
     * @param served how long the run had served; zero when it never did
     */
    Backoff afterExit(Duration served) {
        return new Backoff(served.compareTo(STABLE_AFTER) >= 0 ? 1 : failures + 1);
    }

    Duration delay() {
        if (failures == 0) {
            return Duration.ZERO;
        }
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures - 1, DOUBLINGS));
        return doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
    }
}
