package io.blockplane.replay;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import java.util.List;

/** Recorded decisions with one thing changed. */
final class Changed {

    private Changed() {}

    static PolicyDecided effects(PolicyDecided recorded, List<Effect> effects) {
        return of(recorded, recorded.input(), effects);
    }

    static PolicyDecided input(PolicyDecided recorded, Json input) {
        return of(recorded, input, recorded.effects());
    }

    private static PolicyDecided of(PolicyDecided recorded, Json input, List<Effect> effects) {
        return new PolicyDecided(
                recorded.blockId(),
                recorded.kind(),
                recorded.lane(),
                recorded.call(),
                recorded.sequence(),
                recorded.incarnation(),
                recorded.logicalTimeMs(),
                recorded.policy(),
                recorded.parameters(),
                recorded.settings(),
                input,
                effects,
                recorded.outcome(),
                recorded.output(),
                recorded.error(),
                recorded.action(),
                recorded.fallbacks(),
                recorded.durationUs(),
                recorded.previousHash());
    }
}
