package io.blockplane.runner;

import io.blockplane.log.Kafka;

/**
 * What a runner needs.
 *
 * @param runnerId names it in {@code ce_source} and client ids
 */
public record RunnerConfig(Kafka kafka, String runnerId) {

    public RunnerConfig {
        if (runnerId.isBlank()) {
            throw new IllegalArgumentException("runnerId: '' (expected: a name)");
        }
    }
}
