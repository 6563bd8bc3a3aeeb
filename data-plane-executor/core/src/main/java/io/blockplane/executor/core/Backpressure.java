package io.blockplane.executor.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fast a block's tasks end, and what follows for one that would have to wait: when to come
 * again, and whether there is any sense in waiting.
 *
 * <ul>
 *   <li>Rate: tasks that ended in the last {@link #WINDOW}, by the time in which they did.
 *   <li>Time to wait: those ahead, and one, by the rate.
 *   <li>Time in the instance: a mean that moves by a tenth with each task.
 * </ul>
 */
public final class Backpressure {

    public static final Duration WINDOW = Duration.ofSeconds(5);

    /** A caller told to come again sooner would only be refused again. */
    public static final Duration MIN_RETRY_AFTER = Duration.ofMillis(20);

    /** A caller told to come again later would miss that things are well again. */
    public static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

    /** When nothing has ended lately. */
    public static final Duration UNKNOWN_RETRY_AFTER = Duration.ofSeconds(1);

    private static final double STEP = 0.1;
    private static final double NANOS_PER_SECOND = 1e9;

    private final WindowedCount ended = new WindowedCount(WINDOW);
    private double serviceNanos;
    private @Nullable Long firstNanos;

    /** A task ended after this long with its instance. */
    public void ended(long nowNanos, long inInstanceNanos) {
        if (firstNanos == null) {
            firstNanos = nowNanos;
            serviceNanos = inInstanceNanos;
        }
        serviceNanos += STEP * (inInstanceNanos - serviceNanos);
        ended.add(nowNanos, 1);
    }

    /** Tasks a second; 0 when none has ended lately. */
    public double perSecond(long nowNanos) {
        Long first = firstNanos;
        if (first == null) {
            return 0;
        }
        // A block that has just begun has not had the whole window.
        double seconds =
                Math.min(WINDOW.toNanos(), Math.max(nowNanos - first, WINDOW.toNanos() / 10))
                        / NANOS_PER_SECOND;
        return ended.sum(nowNanos) / seconds;
    }

    /** When a caller that is refused now should come again. */
    public Duration retryAfter(int waiting, long nowNanos) {
        double rate = perSecond(nowNanos);
        if (rate == 0) {
            return UNKNOWN_RETRY_AFTER;
        }
        Duration computed = Duration.ofMillis(Math.round((waiting + 1) / rate * 1_000));
        if (computed.compareTo(MIN_RETRY_AFTER) < 0) {
            return MIN_RETRY_AFTER;
        }
        return computed.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : computed;
    }

    /**
     * Whether a task that has to wait can't be served in time. False when nothing is known.
     *
     * @param ahead tasks that are served before it
     * @param left until its deadline
     */
    public boolean hopeless(int ahead, Duration left, long nowNanos) {
        double rate = perSecond(nowNanos);
        return rate > 0 && (ahead + 1) / rate * NANOS_PER_SECOND + serviceNanos > left.toNanos();
    }
}
