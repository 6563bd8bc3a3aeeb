package io.blockplane.runner;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.log.LogRecord;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the runner knows of blocks: their specification, which instances they are to have, and which
 * policies decide for them now. A fold of events.
 */
final class BlockView {

    private final Map<String, Block> blocks = new ConcurrentHashMap<>();

    /**
     * A block as policies see it.
     *
     * @param spec with the policies that are active now
     * @param instances wanted ones, serving or still starting, not those that drain: by id, with
     *     the address once there is one
     * @param shadows by policy name
     * @param candidates under check, by policy name
     * @param quarantined uri by policy name
     */
    record Block(
            BlockSpec spec,
            SortedMap<String, Optional<InstanceAddress>> instances,
            Map<String, PolicyBinding> shadows,
            Map<String, Envelope<BlockEvent.PolicyProposed>> candidates,
            Map<String, String> quarantined) {

        Block {
            instances = Collections.unmodifiableSortedMap(new TreeMap<>(instances));
            shadows = Map.copyOf(shadows);
            candidates = Map.copyOf(candidates);
            quarantined = Map.copyOf(quarantined);
        }

        static Block of(BlockSpec spec) {
            return new Block(spec, new TreeMap<>(), Map.of(), Map.of(), Map.of());
        }

        /** The policy that is to decide in a line now; empty when none is. */
        Optional<PolicyBinding> binding(LineKey line) {
            return PolicyName.of(line.kind())
                    .map(PolicyName::text)
                    .map(name ->
                            line.shadow()
                                    ? shadows.get(name)
                                    : quarantined.containsKey(name)
                                            ? null
                                            : spec.policies().get(name));
        }

        private Block instance(String id, @Nullable InstanceAddress address) {
            SortedMap<String, Optional<InstanceAddress>> next = new TreeMap<>(instances);
            next.put(id, Optional.ofNullable(address));
            return new Block(spec, next, shadows, candidates, quarantined);
        }

        private Block without(String id) {
            SortedMap<String, Optional<InstanceAddress>> next = new TreeMap<>(instances);
            next.remove(id);
            return new Block(spec, next, shadows, candidates, quarantined);
        }

        private Block changed(Envelope<BlockEvent> envelope, BlockEvent.PolicyChange change) {
            String name = change.policyName();
            return switch (change) {
                case BlockEvent.PolicyProposed _ ->
                        new Block(
                                spec,
                                instances,
                                shadows,
                                with(
                                        candidates,
                                        name,
                                        envelope.as(BlockEvent.PolicyProposed.class)),
                                quarantined);
                case BlockEvent.PolicyRefused _ ->
                        new Block(spec, instances, shadows, without(candidates, name), quarantined);
                case BlockEvent.PolicyActivated e ->
                        new Block(
                                active(name, e.binding()),
                                instances,
                                e.binding().equals(shadows.get(name))
                                        ? without(shadows, name)
                                        : shadows,
                                without(candidates, name),
                                without(quarantined, name));
                case BlockEvent.PolicyShadowed e ->
                        new Block(
                                spec,
                                instances,
                                with(shadows, name, e.binding()),
                                without(candidates, name),
                                quarantined);
                case BlockEvent.ShadowEnded _ ->
                        new Block(spec, instances, without(shadows, name), candidates, quarantined);
                case BlockEvent.PolicyQuarantined e ->
                        new Block(
                                spec,
                                instances,
                                shadows,
                                candidates,
                                with(quarantined, name, e.policyUri()));
            };
        }

        private BlockSpec active(String name, PolicyBinding binding) {
            return new BlockSpec(
                    spec.blockId(),
                    spec.componentUri(),
                    spec.minInstances(),
                    spec.maxInstances(),
                    spec.blockInitData(),
                    spec.initSettings(),
                    spec.parameters(),
                    new TreeMap<>(with(spec.policies(), name, binding)));
        }

        private static <V> Map<String, V> with(Map<String, V> map, String key, V value) {
            Map<String, V> next = new TreeMap<>(map);
            next.put(key, value);
            return next;
        }

        private static <V> Map<String, V> without(Map<String, V> map, String key) {
            Map<String, V> next = new TreeMap<>(map);
            next.remove(key);
            return next;
        }
    }

    Optional<Block> block(String blockId) {
        return Optional.ofNullable(blocks.get(blockId));
    }

    Iterable<Block> all() {
        return blocks.values();
    }

    /** Called by the tail of {@code blockplane.events}. */
    void apply(LogRecord<Event> record) {
        switch ((BlockEvent) record.event()) {
            case BlockEvent.BlockCreated e -> blocks.put(e.blockId(), Block.of(e.spec()));
            case BlockEvent.InstanceRequested e -> change(e, b -> b.instance(e.instanceId(), null));
            case BlockEvent.InstanceReady e ->
                    change(
                            e,
                            b ->
                                    b.instances().containsKey(e.instanceId())
                                            ? b.instance(e.instanceId(), e.address())
                                            : b);
            case BlockEvent.InstanceLost e ->
                    change(
                            e,
                            b ->
                                    b.instances().containsKey(e.instanceId())
                                            ? b.instance(e.instanceId(), null)
                                            : b);
            case BlockEvent.InstanceDraining e -> change(e, b -> b.without(e.instanceId()));
            case BlockEvent.InstanceStopped e -> change(e, b -> b.without(e.instanceId()));
            case BlockEvent.PolicyChange e ->
                    change(e, b -> b.changed(record.envelope().as(BlockEvent.class), e));
            case BlockEvent.ScaleApplied _,
                    BlockEvent.InstanceDrained _,
                    BlockEvent.CommandRefused _ -> {}
        }
    }

    private void change(BlockEvent event, UnaryOperator<Block> next) {
        blocks.computeIfPresent(event.blockId(), (_, block) -> next.apply(block));
    }
}
