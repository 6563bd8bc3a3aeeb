package io.blockplane.runner;

import io.blockplane.log.Kafka;
import io.blockplane.policy.PolicyEngine;

/**
 * What all lanes of a runner share.
 *
 * @param source names the runner in what it writes
 * @param snapshotEvery calls of a policy between two snapshots of its state
 * @param first is told of every evaluation
 */
record Shared(
        Kafka kafka,
        String source,
        PolicyEngine engine,
        BlockView blocks,
        PolicyCatalogue policies,
        DecisionWriter writer,
        RecentInputs recent,
        int snapshotEvery,
        FirstDecision first) {}
