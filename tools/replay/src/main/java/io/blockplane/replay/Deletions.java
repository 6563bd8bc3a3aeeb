package io.blockplane.replay;

import io.blockplane.events.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks for what a broker has deleted at the beginning of a log. Holes between offsets say nothing:
 * the ends of transactions take offsets too, and a compacted topic loses records as it should.
 */
final class Deletions {

    private Deletions() {}

    /**
     * Of the topics that nothing is ever deleted from by itself; none when the beginning is not
     * meant anyway.
     */
    static List<Finding> of(DecisionLog log) {
        if (log.cut()) {
            return List.of();
        }
        Set<String> kept =
                Set.of(Topic.DECISIONS, Topic.WINDOWS, Topic.EVENTS, Topic.TASKS).stream()
                        .map(Topic::topicName)
                        .collect(Collectors.toSet());
        List<Finding> findings = new ArrayList<>();
        for (Provenance.Partition partition : log.partitions()) {
            if (kept.contains(partition.topic()) && partition.beginning() > 0) {
                findings.add(
                        new Finding.Deleted(
                                "%s-%d@%d"
                                        .formatted(
                                                partition.topic(),
                                                partition.partition(),
                                                partition.beginning()),
                                partition.beginning()));
            }
        }
        return findings;
    }
}
