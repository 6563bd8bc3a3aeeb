package io.blockplane.runner;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Event;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the runner knows of blocks: their specification and which instances they are to have. A fold
 * of events.
 */
final class BlockView {

    private final Map<String, Block> blocks = new ConcurrentHashMap<>();

    /**
     * A block as policies see it.
     *
     * @param instances wanted ones, serving or still starting, by id; not those that drain
     */
    record Block(BlockSpec spec, List<String> instances) {
        Block {
            instances = List.copyOf(instances);
        }

        private Block with(String instanceId) {
            TreeSet<String> sorted = new TreeSet<>(instances);
            sorted.add(instanceId);
            return new Block(spec, new ArrayList<>(sorted));
        }

        private Block without(String instanceId) {
            return new Block(spec, instances.stream().filter(i -> !i.equals(instanceId)).toList());
        }
    }

    Optional<Block> block(String blockId) {
        return Optional.ofNullable(blocks.get(blockId));
    }

    /** Called by the tail of {@code blockplane.events}. */
    void apply(LogRecord<Event> record) {
        switch ((BlockEvent) record.event()) {
            case BlockEvent.BlockCreated e ->
                    blocks.put(e.blockId(), new Block(e.spec(), List.of()));
            case BlockEvent.InstanceRequested e ->
                    blocks.computeIfPresent(e.blockId(), (_, b) -> b.with(e.instanceId()));
            case BlockEvent.InstanceDraining e ->
                    blocks.computeIfPresent(e.blockId(), (_, b) -> b.without(e.instanceId()));
            case BlockEvent.InstanceStopped e ->
                    blocks.computeIfPresent(e.blockId(), (_, b) -> b.without(e.instanceId()));
            case BlockEvent.ScaleApplied _,
                    BlockEvent.InstanceReady _,
                    BlockEvent.InstanceLost _,
                    BlockEvent.InstanceDrained _,
                    BlockEvent.PolicyChange _,
                    BlockEvent.CommandRefused _ -> {}
        }
    }
}
