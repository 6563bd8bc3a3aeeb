package io.blockplane.control.core;

import io.blockplane.events.BlockSpec;
import java.util.List;
import java.util.Optional;

/** Everything about a block that a decision may depend on: the fold of its events. */
public sealed interface BlockState {

    /** Commands that the events so far came from. */
    CommandMemory commands();

    /** Of the last event that changed something; 0 while there is no block. */
    long version();

    /** A block of which nothing was ever heard. */
    static BlockState absent() {
        return new Absent(CommandMemory.EMPTY);
    }

    /** No such block; commands for it may have been refused. */
    record Absent(CommandMemory commands) implements BlockState {
        @Override
        public long version() {
            return 0;
        }
    }

    /**
     * A block.
     *
     * @param lastOrdinal how many instances it ever had
     * @param instances those it has, in the order of their ordinals
     */
    record Present(
            BlockSpec spec,
            long version,
            int lastOrdinal,
            List<Instance> instances,
            CommandMemory commands)
            implements BlockState {
        public Present {
            instances = List.copyOf(instances);
        }

        public String blockId() {
            return spec.blockId();
        }

        /** How many instances the block is to have. */
        public int wanted() {
            return Math.toIntExact(instances.stream().filter(Instance::wanted).count());
        }

        public Optional<Instance> instance(String instanceId) {
            return instances.stream().filter(i -> i.instanceId().equals(instanceId)).findFirst();
        }
    }
}
