package io.blockplane.policy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.PolicyVersion;

/** What executing a recorded call again led to. */
public sealed interface Reexecution {

    /** The record that came out. */
    record Executed(PolicyDecided decision) implements Reexecution {}

    /** It was not executed: the metrics that it read can't be had. */
    record WindowMissing(String windowId) implements Reexecution {}

    /**
     * Whether two records say the same of all that has to be the same: not of how long it took, and
     * not of which build of the language ran it.
     */
    static boolean same(PolicyDecided recorded, PolicyDecided executed) {
        return comparable(recorded).equals(comparable(executed));
    }

    private static PolicyDecided comparable(PolicyDecided d) {
        return new PolicyDecided(
                d.blockId(),
                d.kind(),
                d.call(),
                d.sequence(),
                d.incarnation(),
                d.logicalTimeMs(),
                new PolicyVersion(d.policy().uri(), d.policy().sha256(), ""),
                d.parameters(),
                d.settings(),
                d.input(),
                d.effects(),
                d.outcome(),
                d.output(),
                d.error(),
                d.action(),
                d.fallbacks(),
                0,
                d.previousHash());
    }
}
