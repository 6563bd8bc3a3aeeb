package io.blockplane.control.rest;

import java.util.stream.IntStream;

/**
 * The ports that AIOSv1 has for the components of a block: what is written for it finds them there.
 * A port that is taken is left out, with a warning.
 *
 * @param executor of the load balancer's management; 0 takes a free one, here and below
 * @param autoscaler of the autoscaler's management
 * @param healthChecker of the health checker's management
 * @param failurePolicies of the failure policy server
 * @param blocks of the blocks DB, as far as it is read
 */
public record PolicyPorts(
        int executor, int autoscaler, int healthChecker, int failurePolicies, int blocks) {

    /** As the components of AIOSv1 listen. */
    public static final PolicyPorts STANDARD =
            new PolicyPorts(18_001, 10_000, 19_001, 5_000, 3_001);

    /** Any that are free. */
    public static final PolicyPorts FREE = new PolicyPorts(0, 0, 0, 0, 0);

    public PolicyPorts {
        IntStream.of(executor, autoscaler, healthChecker, failurePolicies, blocks)
                .filter(port -> port < 0 || port > 65_535)
                .findFirst()
                .ifPresent(port -> {
                    throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
                });
    }
}
