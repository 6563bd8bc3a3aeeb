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
        return asMeasured(executed, recorded).equals(recorded);
    }

    /** What came out, with how long it took and which build ran it as the recorded one says. */
    static PolicyDecided asMeasured(PolicyDecided executed, PolicyDecided recorded) {
        PolicyVersion version =
                new PolicyVersion(
                        executed.policy().uri(),
                        executed.policy().sha256(),
                        recorded.policy().runtime());
        return new PolicyDecided(
                executed.blockId(),
                executed.kind(),
                executed.lane(),
                executed.call(),
                executed.sequence(),
                executed.incarnation(),
                executed.logicalTimeMs(),
                version,
                executed.parameters(),
                executed.settings(),
                executed.input(),
                executed.effects(),
                executed.outcome(),
                executed.output(),
                executed.error(),
                executed.action(),
                executed.fallbacks(),
                recorded.durationUs(),
                executed.previousHash());
    }
}
