package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.simulator.policy.Scaler.Situation;
import java.util.List;

/** A wanted number of instances as the command that leads there. */
final class Scaling {

    private Scaling() {}

    /**
     * The action; {@code NONE} when there are so many. Of those that are too many the ones that do
     * not serve yet go first, then the last by id.
     */
    static ScaleAction to(int desired, Situation now, String reason) {
        int wanted = now.wanted().size();
        if (desired > wanted) {
            return new ScaleAction(Operation.UPSCALE, desired - wanted, List.of(), reason);
        }
        if (desired < wanted) {
            List<String> starting =
                    now.wanted().stream().filter(id -> !now.serving().contains(id)).toList();
            List<String> going =
                    java.util.stream.Stream.concat(
                                    starting.stream(), now.serving().reversed().stream())
                            .distinct()
                            .limit(wanted - desired)
                            .toList();
            return new ScaleAction(Operation.DOWNSCALE, going.size(), going, reason);
        }
        return ScaleAction.none(reason);
    }

    /** Within what the block allows. */
    static int clamp(int desired, Situation now) {
        return Math.clamp(desired, now.spec().minInstances(), now.spec().maxInstances());
    }
}
