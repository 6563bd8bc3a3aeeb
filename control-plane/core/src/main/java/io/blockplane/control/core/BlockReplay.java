package io.blockplane.control.core;

import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.BlockEvent.InstanceDrained;
import io.blockplane.events.BlockEvent.InstanceDraining;
import io.blockplane.events.BlockEvent.InstanceLost;
import io.blockplane.events.BlockEvent.InstanceReady;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.InstanceStopped;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Events to state. */
public final class BlockReplay {

    private BlockReplay() {}

    /**
     * The state after an event. The envelope's causation is the command that it came from, and is
     * remembered.
     *
     * @throws IllegalStateException when the event cannot follow on this state: the log or this
     *     code is broken
     */
    public static BlockState replay(BlockState state, Envelope<? extends BlockEvent> envelope) {
        String cause = envelope.causationId();
        CommandMemory commands = cause == null ? state.commands() : state.commands().with(cause);
        BlockEvent event = envelope.event();
        if (event instanceof CommandRefused refused) {
            return refused(state, refused, commands);
        }
        if (event.version() != state.version() + 1) {
            throw new IllegalStateException(
                    "version: %d of %s of block %s (expected: %d)"
                            .formatted(
                                    event.version(),
                                    event.getClass().getSimpleName(),
                                    event.blockId(),
                                    state.version() + 1));
        }
        return switch (state) {
            case BlockState.Absent _ ->
                    switch (event) {
                        case BlockCreated created ->
                                BlockState.Present.created(created.spec(), commands);
                        case ScaleApplied _,
                                InstanceRequested _,
                                InstanceReady _,
                                InstanceLost _,
                                InstanceDraining _,
                                InstanceDrained _,
                                InstanceStopped _,
                                BlockEvent.PolicyChange _,
                                CommandRefused _ ->
                                throw misplaced(event, "no block");
                    };
            case BlockState.Present block -> present(block, event, commands);
        };
    }

    private static BlockState present(
            BlockState.Present block, BlockEvent event, CommandMemory commands) {
        return switch (event) {
            case ScaleApplied _ -> next(block, block.instances(), commands);
            case InstanceRequested requested -> requested(block, requested, commands);
            case InstanceReady ready -> {
                Instance before =
                        instance(block, ready, ready.instanceId(), Set.of(Phase.REQUESTED));
                if (ready.generation() != before.generation()) {
                    throw misplaced(ready, "generation " + before.generation());
                }
                yield replaced(block, before.readyAt(ready.address()), commands);
            }
            case InstanceLost lost -> {
                Instance before =
                        instance(
                                block,
                                lost,
                                lost.instanceId(),
                                Set.of(Phase.REQUESTED, Phase.READY));
                if (lost.nextGeneration() != before.generation() + 1) {
                    throw misplaced(lost, "generation " + before.generation());
                }
                yield replaced(block, before.runAgainAs(lost.nextGeneration()), commands);
            }
            case InstanceDraining draining -> {
                Instance before =
                        instance(
                                block,
                                draining,
                                draining.instanceId(),
                                Set.of(Phase.REQUESTED, Phase.READY));
                yield replaced(block, before.in(Phase.DRAINING), commands);
            }
            case InstanceDrained drained -> {
                Instance before =
                        instance(block, drained, drained.instanceId(), Set.of(Phase.DRAINING));
                yield replaced(block, before.in(Phase.DRAINED), commands);
            }
            case BlockEvent.PolicyChange change -> policyChanged(block, change, commands);
            case InstanceStopped stopped -> {
                Instance before =
                        instance(
                                block,
                                stopped,
                                stopped.instanceId(),
                                Set.of(Phase.DRAINING, Phase.DRAINED));
                yield next(
                        block,
                        block.instances().stream().filter(i -> !i.equals(before)).toList(),
                        commands);
            }
            case BlockCreated _, CommandRefused _ ->
                    throw misplaced(event, "block at version " + block.version());
        };
    }

    private static BlockState refused(
            BlockState state, CommandRefused refused, CommandMemory commands) {
        if (refused.version() != state.version()) {
            throw misplaced(refused, "version " + state.version());
        }
        return switch (state) {
            case BlockState.Absent _ -> new BlockState.Absent(commands);
            case BlockState.Present block ->
                    new BlockState.Present(
                            block.spec(),
                            block.version(),
                            block.lastOrdinal(),
                            block.instances(),
                            block.policies(),
                            commands);
        };
    }

    private static BlockState requested(
            BlockState.Present block, InstanceRequested requested, CommandMemory commands) {
        if (requested.ordinal() != block.lastOrdinal() + 1
                || block.instance(requested.instanceId()).isPresent()) {
            throw misplaced(requested, block.lastOrdinal() + " instances so far");
        }
        List<Instance> instances = new ArrayList<>(block.instances());
        instances.add(Instance.requested(requested.instanceId(), requested.ordinal()));
        return new BlockState.Present(
                block.spec(),
                requested.version(),
                requested.ordinal(),
                instances,
                block.policies(),
                commands);
    }

    private static BlockState policyChanged(
            BlockState.Present block, BlockEvent.PolicyChange change, CommandMemory commands) {
        String name = change.policyName();
        BlockPolicy before = block.policy(name);
        SortedMap<String, BlockPolicy> policies = new TreeMap<>(block.policies());
        policies.put(
                name,
                PolicyReplay.replay(before, change)
                        .orElseThrow(() -> misplaced(change, "%s is %s".formatted(name, before))));
        return new BlockState.Present(
                block.spec(),
                change.version(),
                block.lastOrdinal(),
                block.instances(),
                policies,
                commands);
    }

    private static Instance instance(
            BlockState.Present block, BlockEvent event, String instanceId, Set<Phase> from) {
        Instance instance =
                block.instance(instanceId)
                        .orElseThrow(() -> misplaced(event, "no instance " + instanceId));
        if (!from.contains(instance.phase())) {
            throw misplaced(event, instanceId + " is " + instance.phase());
        }
        return instance;
    }

    private static BlockState replaced(
            BlockState.Present block, Instance after, CommandMemory commands) {
        return next(
                block,
                block.instances().stream()
                        .map(i -> i.ordinal() == after.ordinal() ? after : i)
                        .toList(),
                commands);
    }

    private static BlockState next(
            BlockState.Present block, List<Instance> instances, CommandMemory commands) {
        return new BlockState.Present(
                block.spec(),
                block.version() + 1,
                block.lastOrdinal(),
                instances,
                block.policies(),
                commands);
    }

    private static IllegalStateException misplaced(BlockEvent event, String found) {
        return new IllegalStateException(
                "%s version %d of block %s cannot follow: %s"
                        .formatted(
                                event.getClass().getSimpleName(),
                                event.version(),
                                event.blockId(),
                                found));
    }
}
