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

    /** A change of which policy decides something for the block. */
    sealed interface PolicyChange extends BlockEvent {

        /** The name in the block's {@code policies}. */
        String policyName();
    }

    /** This policy is to be checked; its {@code version} names it until that is done. */
    record PolicyProposed(
            String blockId,
            long version,
            String policyName,
            BlockSpec.PolicyBinding binding,
            Command.Stage stage)
            implements PolicyChange {}

    /** The check of a proposed policy failed: nothing changes. */
    record PolicyRefused(
            String blockId,
            long version,
            String policyName,
            long candidate,
            String policyUri,
            List<String> findings)
            implements PolicyChange {
        public PolicyRefused {
            findings = List.copyOf(findings);
        }
    }

    /**
     * This policy decides from here on.
     *
     * @param cause PROPOSED: it was checked; ROLLED_BACK: it decided before
     * @param previous the uri of the one that decided until here; absent when there was none
     * @param findings of its check
     */
    record PolicyActivated(
            String blockId,
            long version,
            String policyName,
            BlockSpec.PolicyBinding binding,
            ActivationCause cause,
            @Nullable String previous,
            List<String> findings)
            implements PolicyChange {
        public PolicyActivated {
            findings = List.copyOf(findings);
        }
    }

    enum ActivationCause {
        PROPOSED,
        ROLLED_BACK
    }

    /** This policy decides beside the active one from here on, without effect. */
    record PolicyShadowed(
            String blockId,
            long version,
            String policyName,
            BlockSpec.PolicyBinding binding,
            List<String> findings)
            implements PolicyChange {
        public PolicyShadowed {
            findings = List.copyOf(findings);
        }
    }

    /** No policy decides beside the active one any more. */
    record ShadowEnded(String blockId, long version, String policyName, String policyUri)
            implements PolicyChange {}

    /**
     * The active policy is not run any more: a built-in fallback decides, or nothing does, until
     * another one is activated.
     */
    record PolicyQuarantined(
            String blockId, long version, String policyName, String policyUri, String reason)
            implements PolicyChange {}

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
