package io.blockplane.runner;

import io.blockplane.log.Kafka;

/**
 * What a runner needs.
 *
 * @param runnerId names it in {@code ce_source} and client ids
 * @param snapshotEvery calls of a policy between two snapshots of its state
 */
public record RunnerConfig(Kafka kafka, String runnerId, int snapshotEvery) {

    private static final int DEFAULT_SNAPSHOT_EVERY = 100;

    public RunnerConfig {
        if (runnerId.isBlank()) {
            throw new IllegalArgumentException("runnerId: '' (expected: a name)");
        }
        if (snapshotEvery < 1) {
            throw new IllegalArgumentException(
                    "snapshotEvery: " + snapshotEvery + " (expected: >= 1)");
        }
    }

    /** With a snapshot every 100 calls. */
    public static RunnerConfig of(Kafka kafka, String runnerId) {
        return new RunnerConfig(kafka, runnerId, DEFAULT_SNAPSHOT_EVERY);
    }
}
