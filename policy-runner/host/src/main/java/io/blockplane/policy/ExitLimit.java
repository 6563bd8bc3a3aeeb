package io.blockplane.policy;

import java.time.Duration;

/**
 * Ends a JVM that is on its way to its end. GraalPy waits then for all threads that are in a
 * policy, and those that can't be stopped never come out: a process would stay for ever.
 */
public final class ExitLimit {

    /** What a shell is told of a process that had to be killed. */
    private static final int STATUS = 137;

    private ExitLimit() {}

    /** For a shutdown hook: after this long the JVM is ended, whoever is still busy. */
    public static void begin(Duration limit) {
        Thread.ofPlatform().daemon().name("exit-limit").start(() -> haltAfter(limit));
    }

    private static void haltAfter(Duration limit) {
        try {
            Thread.sleep(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(STATUS);
    }
}
