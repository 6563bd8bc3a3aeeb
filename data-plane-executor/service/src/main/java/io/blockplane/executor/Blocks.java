package io.blockplane.executor;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The blocks of the log, by the fold of their events. */
final class Blocks implements AutoCloseable {

    private final ConcurrentSkipListMap<String, Block> blocks = new ConcurrentSkipListMap<>();
    private final Function<BlockSpec, Block> maker;
    private final Consumer<Block> created;

    /**
     * Knows none yet.
     *
     * @param maker makes a block that serves nothing yet
     * @param created is told of each one
     */
    Blocks(Function<BlockSpec, Block> maker, Consumer<Block> created) {
        this.maker = maker;
        this.created = created;
    }

    /** One more event of the log, in its order. Called on one thread. */
    void apply(BlockEvent event) {
        Block block = blocks.get(event.blockId());
        if (block == null) {
            switch (event) {
                case BlockEvent.BlockCreated create -> create(create);
                case BlockEvent.CommandRefused _ -> {
                    // A refusal for a block that does not exist.
                }
                case BlockEvent.ScaleApplied _,
                        BlockEvent.PolicyChange _,
                        BlockEvent.InstanceRequested _,
                        BlockEvent.InstanceReady _,
                        BlockEvent.InstanceLost _,
                        BlockEvent.InstanceDraining _,
                        BlockEvent.InstanceDrained _,
                        BlockEvent.InstanceStopped _ ->
                        throw new IllegalStateException(
                                "block %s: event version %d before it was created"
                                        .formatted(event.blockId(), event.version()));
            }
            return;
        }
        block.apply(event);
        if (event instanceof BlockEvent.PolicyChange change) {
            block.balancer().apply(change);
        }
    }

    /** The block of this id; null when there is none. */
    @Nullable Block find(String blockId) {
        return blocks.get(blockId);
    }

    /** All of them, by id. */
    Collection<Block> all() {
        return List.copyOf(blocks.values());
    }

    @Override
    public void close() {
        all().forEach(Block::close);
    }

    private void create(BlockEvent.BlockCreated event) {
        Block block = maker.apply(event.spec());
        block.apply(event);
        block.balancer().begin(event.spec());
        blocks.put(event.blockId(), block);
        created.accept(block);
    }
}
