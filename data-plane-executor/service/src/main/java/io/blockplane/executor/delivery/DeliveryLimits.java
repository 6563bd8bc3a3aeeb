package io.blockplane.executor.delivery;

import java.time.Duration;

/**
 * How long a destination is tried.
 *
 * @param firstPause after the first failure; doubled after each further one
 * @param longestPause between two attempts
 * @param giveUpAfter a destination that has failed for so long is down: what waits for it is dead
 *     lettered, and what comes later has one attempt, until one succeeds
 */
public record DeliveryLimits(Duration firstPause, Duration longestPause, Duration giveUpAfter) {

    public static final DeliveryLimits DEFAULT =
            new DeliveryLimits(
                    Duration.ofMillis(100), Duration.ofSeconds(5), Duration.ofMinutes(1));

    public DeliveryLimits {
        if (!firstPause.isPositive() || longestPause.compareTo(firstPause) < 0) {
            throw new IllegalArgumentException(
                    "firstPause: %s, longestPause: %s (expected: more than 0, and not less)"
                            .formatted(firstPause, longestPause));
        }
        if (giveUpAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "giveUpAfter: " + giveUpAfter + " (expected: 0 or more)");
        }
    }
}
