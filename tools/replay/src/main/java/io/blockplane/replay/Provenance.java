package io.blockplane.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where an exported log comes from.
 *
 * @param tool that wrote the file, with its version
 * @param exportedAt an RFC 3339 time
 * @param clusterId what the brokers call their cluster; absent when it comes from no cluster
 * @param blockId absent: of all blocks
 * @param from nothing earlier was asked for; absent: from the beginning
 * @param to nothing at this time or later was asked for; absent: to the end
 * @param offsets of decisions that were asked for, as {@code partition:from-to}; empty: all
 * @param partitions what each partition held when it was read
 * @param leftOut topics that are never in a file
 */
public record Provenance(
        String tool,
        String exportedAt,
        @Nullable String clusterId,
        @Nullable String blockId,
        @Nullable String from,
        @Nullable String to,
        List<String> offsets,
        List<Partition> partitions,
        List<String> leftOut) {

    /** What this build calls itself. */
    static final String TOOL = "blockplane 0.1.0";

    /**
     * What a partition held.
     *
     * @param beginning the first offset that was not deleted
     * @param end the offset that the next record would have had
     */
    public record Partition(String topic, int partition, long beginning, long end) {}

    public Provenance {
        offsets = List.copyOf(offsets);
        partitions = List.copyOf(partitions);
        leftOut = List.copyOf(leftOut);
    }

    /** Whether the beginning was left out on purpose. */
    boolean cutsTheBeginning() {
        return from != null || !offsets.isEmpty();
    }
}
