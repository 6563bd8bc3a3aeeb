package io.blockplane.control.core;

import io.blockplane.events.InstanceAddress;
import org.jspecify.annotations.Nullable;

/**
 * An instance that a block has.
 *
 * @param ordinal counts the instances that the block ever had, from 1
 * @param generation counts its runs, from 1
 * @param address where its present run serves, or served while it drains; null before that
 */
public record Instance(
        String instanceId,
        int ordinal,
        int generation,
        Phase phase,
        @Nullable InstanceAddress address) {

    /** Where an instance stands in its life. */
    public enum Phase {
        /** To be run. */
        REQUESTED,
        /** Serves. */
        READY,
        /** Gets no more tasks and finishes those it has. */
        DRAINING,
        /** Has no task any more: to be stopped. */
        DRAINED
    }

    /** What a report did to an instance. */
    public enum Transition {
        BECAME_READY,
        WAS_DRAINED,
        WAS_LOST,
        STOPPED
    }

    /** Whether the block is to keep it. Wanted instances are what min and max count. */
    public boolean wanted() {
        return switch (phase) {
            case REQUESTED, READY -> true;
            case DRAINING, DRAINED -> false;
        };
    }

    static Instance requested(String instanceId, int ordinal) {
        return new Instance(instanceId, ordinal, 1, Phase.REQUESTED, null);
    }

    Instance in(Phase next) {
        return new Instance(instanceId, ordinal, generation, next, address);
    }

    Instance readyAt(InstanceAddress where) {
        return new Instance(instanceId, ordinal, generation, Phase.READY, where);
    }

    Instance runAgainAs(int nextGeneration) {
        return new Instance(instanceId, ordinal, nextGeneration, Phase.REQUESTED, null);
    }
}
