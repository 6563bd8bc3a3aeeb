package io.blockplane.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fact about a block: topic {@link Topic#EVENTS}. The control plane's state is the fold of these
 * and nothing else.
 */
public sealed interface BlockEvent extends Event {

    String blockId();

    /** Counts the events of a block from 1, without a gap. */
    long version();

    @Override
    default String subject() {
        return blockId();
    }

    record BlockCreated(String blockId, long version, BlockSpec spec) implements BlockEvent {}

    /**
     * A scale command took effect, perhaps less than asked. The instances follow as events of their
     * own.
     *
     * @param before instances that the block was to have
     * @param after instances that the block is to have now
     * @param added ids, in order
     * @param removed ids, in order
     * @param clamps what was cut and why; empty when the command took effect as asked
     */
    record ScaleApplied(
            String blockId,
            long version,
            PolicyDecided.Operation operation,
            int requested,
            int before,
            int after,
            List<String> added,
            List<String> removed,
            List<Clamp> clamps,
            @Nullable String reason)
            implements BlockEvent {
        public ScaleApplied {
            added = List.copyOf(added);
            removed = List.copyOf(removed);
            clamps = List.copyOf(clamps);
        }
    }

    /**
     * A limit that cut a request: {@code maxInstances}, {@code minInstances}, {@code
     * unknownInstance}.
     */
    record Clamp(String limit, int asked, int granted, String explanation) {}

    /** The block is to have this instance; a driver makes it so. */
    record InstanceRequested(String blockId, long version, String instanceId, int ordinal)
            implements BlockEvent {}

    /** The instance serves: it may be routed to. */
    record InstanceReady(
            String blockId,
            long version,
            String instanceId,
            int generation,
            InstanceAddress address)
            implements BlockEvent {}

    /**
     * The instance went away though the block wants it; a driver runs it again as {@code
     * nextGeneration}.
     */
    record InstanceLost(
            String blockId,
            long version,
            String instanceId,
            int nextGeneration,
            @Nullable Integer exitCode,
            @Nullable String detail)
            implements BlockEvent {}

    /** The instance gets no more tasks and finishes those it has. */
    record InstanceDraining(String blockId, long version, String instanceId)
            implements BlockEvent {}

    /** The instance has no task any more: a driver may stop it. */
    record InstanceDrained(String blockId, long version, String instanceId) implements BlockEvent {}

    /** The instance is gone, as wanted. */
    record InstanceStopped(
            String blockId, long version, String instanceId, @Nullable Integer exitCode)
            implements BlockEvent {}

    /**
     * A command was refused and changed nothing. Version is the block's, unchanged (0: there is no
     * such block).
     *
     * @param commandId the command's envelope id
     * @param code a stable word for programs: {@code BLOCK_EXISTS}, {@code UNKNOWN_BLOCK}, {@code
     *     INVALID}, ...
     * @param field the path of the field at fault; absent when it is none
     * @param message for people: the field, the value and what was expected
     */
    record CommandRefused(
            String blockId,
            long version,
            String commandId,
            String code,
            @Nullable String field,
            String message)
            implements BlockEvent {}
}
