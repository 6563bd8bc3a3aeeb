package io.blockplane.control.core;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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
     * @param spec what it was created as
     * @param lastOrdinal how many instances it ever had
     * @param instances those it has, in the order of their ordinals
     * @param policies by the name of what they decide
     */
    record Present(
            BlockSpec spec,
            long version,
            int lastOrdinal,
            List<Instance> instances,
            SortedMap<String, BlockPolicy> policies,
            CommandMemory commands)
            implements BlockState {
        public Present {
            instances = List.copyOf(instances);
            policies = Collections.unmodifiableSortedMap(new TreeMap<>(policies));
        }

        /** A block as it is created. */
        static Present created(BlockSpec spec, CommandMemory commands) {
            SortedMap<String, BlockPolicy> policies = new TreeMap<>();
            spec.policies().forEach((name, binding) -> policies.put(name, BlockPolicy.of(binding)));
            return new Present(spec, 1, 0, List.of(), policies, commands);
        }

        public String blockId() {
            return spec.blockId();
        }

        /** The policies of a name; none at all when the block has none there. */
        public BlockPolicy policy(String name) {
            return policies.getOrDefault(name, BlockPolicy.NONE);
        }

        /** What it was created as, but with the policies that are active now. */
        public BlockSpec currentSpec() {
            SortedMap<String, PolicyBinding> active = new TreeMap<>();
            policies.forEach((name, policy) -> {
                PolicyBinding binding = policy.active();
                if (binding != null) {
                    active.put(name, binding);
                }
            });
            return new BlockSpec(
                    spec.blockId(),
                    spec.componentUri(),
                    spec.minInstances(),
                    spec.maxInstances(),
                    spec.blockInitData(),
                    spec.initSettings(),
                    spec.parameters(),
                    active);
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
