package io.blockplane.policy;

import java.time.Duration;

/**
 * How long a balancer may take.
 *
 * @param policy for all but routing
 * @param route processor time of one routing call. Its wall time may be {@link #WALL_FACTOR} times
 *     as much, so that a pause of the machine's does not cost a balancer its state
 * @param settling of the first {@link #SETTLING_CALLS} calls of an object, whose code is cold
 */
public record RoutingLimits(PolicyLimits policy, Duration route, Duration settling) {

    public static final int WALL_FACTOR = 5;
    public static final int SETTLING_CALLS = 200;

    /** 20 ms, and half a second at first. */
    public static final RoutingLimits DEFAULT =
            new RoutingLimits(PolicyLimits.DEFAULT, Duration.ofMillis(20), Duration.ofMillis(500));

    /** For executing recorded calls again, where nobody waits. */
    public static final RoutingLimits PATIENT =
            new RoutingLimits(PolicyLimits.PATIENT, Duration.ofSeconds(20), Duration.ofSeconds(20));

    public RoutingLimits {
        if (!route.isPositive()) {
            throw new IllegalArgumentException("route: " + route + " (expected: more than 0)");
        }
        if (settling.compareTo(route) < 0) {
            throw new IllegalArgumentException(
                    "settling: %s (expected: at least %s, as route)".formatted(settling, route));
        }
    }

    /** As this, with another limit of a routing call. */
    public RoutingLimits withRoute(Duration limit) {
        return new RoutingLimits(policy, limit, settling.compareTo(limit) < 0 ? limit : settling);
    }
}
