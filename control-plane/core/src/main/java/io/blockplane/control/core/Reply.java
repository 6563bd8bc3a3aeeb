package io.blockplane.control.core;

import io.blockplane.events.BlockEvent.Clamp;
import java.util.List;

/** What an accepted command did. */
public sealed interface Reply {

    /** The block is there and is to have these instances. */
    record Created(List<String> instanceIds) implements Reply {
        public Created {
            instanceIds = List.copyOf(instanceIds);
        }
    }

    /**
     * The number of instances that the block is to have, before and after.
     *
     * @param clamps why it is not what was asked; empty when it is
     */
    record Scaled(int before, int after, List<Clamp> clamps) implements Reply {
        public Scaled {
            clamps = List.copyOf(clamps);
        }
    }

    /** The report changed the instance. */
    record Recorded(String instanceId, Instance.Transition transition) implements Reply {}

    /** The report says what the state says already. */
    record AlreadyKnown(String instanceId) implements Reply {}

    /** The policies of this name are as the command wants them. */
    record PolicyChanged(String policyName) implements Reply {}

    /** A command of this id was decided before, and this one changes nothing. */
    record AlreadyDecided(String commandId) implements Reply {}
}
