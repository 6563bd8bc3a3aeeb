package io.blockplane.runner;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Which line of decisions: one chain, one policy object at a time.
 *
 * @param lane null for the policy that acts, {@link PolicyDecided#SHADOW} for one beside it
 */
record LineKey(String blockId, Kind kind, @Nullable String lane) {

    static LineKey of(PolicyDecided decided) {
        return new LineKey(decided.blockId(), decided.kind(), decided.lane());
    }

    /** The one whose decisions have an effect. */
    static LineKey acting(String blockId, Kind kind) {
        return new LineKey(blockId, kind, null);
    }

    boolean shadow() {
        return PolicyDecided.SHADOW.equals(lane);
    }
}
