package io.blockplane.policy;

import java.time.Duration;

/**
 * Wall time that a policy may take. A call that takes longer ends as {@code TIMED_OUT}; what is
 * recorded of a call has limits of its own, fixed ones, see {@link Recording}.
 *
 * @param prepare to make the interpreter, which runs no code of the policy's
 * @param init to load the policy's code and make its object
 * @param call to evaluate, and to manage
 */
public record PolicyLimits(Duration prepare, Duration init, Duration call) {

    /** 60 s (a cold start on a busy machine), 10 s and 2 s. */
    public static final PolicyLimits DEFAULT =
            new PolicyLimits(Duration.ofMinutes(1), Duration.ofSeconds(10), Duration.ofSeconds(2));

    /** For executing recorded calls again, where nobody waits: ten times the default. */
    public static final PolicyLimits PATIENT =
            new PolicyLimits(
                    Duration.ofMinutes(10), Duration.ofSeconds(100), Duration.ofSeconds(20));

    public PolicyLimits {
        check("prepare", prepare);
        check("init", init);
        check("call", call);
    }

    private static void check(String name, Duration limit) {
        if (!limit.isPositive()) {
            throw new IllegalArgumentException(name + ": " + limit + " (expected: more than 0)");
        }
    }
}
