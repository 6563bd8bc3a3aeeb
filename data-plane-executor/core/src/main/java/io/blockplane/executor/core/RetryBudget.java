package io.blockplane.executor.core;

import java.time.Duration;

/**
 * How many attempts may be repetitions: a share of the requests of the last {@link #WINDOW}, and a
 * small number a second beside that, so that a block with little traffic can repeat at all. With
 * it, repetitions add at most that share to the load of a block that fails (as in Finagle's
 * RetryBudget; gRPC proposal A6 throttles for the same reason).
 *
 * <p>An attempt of which the instance had nothing costs neither side anything; the first repetition
 * after such a one is not counted, as gRPC's transparent retry is not.
 */
public final class RetryBudget {

    public static final Duration WINDOW = Duration.ofSeconds(10);

    private final double share;
    private final int minPerSecond;
    private final WindowedCount requests = new WindowedCount(WINDOW);
    private final WindowedCount retries = new WindowedCount(WINDOW);

    /**
     * Makes an unused budget.
     *
     * @param percent of requests
     */
    public RetryBudget(int percent, int minPerSecond) {
        this.share = percent / 100.0;
        this.minPerSecond = minPerSecond;
    }

    /** A request came, not a repetition. */
    public void requested(long nowNanos) {
        requests.add(nowNanos, 1);
    }

    /** Takes one repetition out of the budget, if it is there. */
    public boolean tryRetry(long nowNanos) {
        double allowed =
                share * requests.sum(nowNanos) + (double) minPerSecond * WINDOW.toSeconds();
        if (retries.sum(nowNanos) + 1 > allowed) {
            return false;
        }
        retries.add(nowNanos, 1);
        return true;
    }
}
