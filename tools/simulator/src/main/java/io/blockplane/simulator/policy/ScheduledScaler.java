package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided.ScaleAction;
import java.util.List;

/**
 * So many instances at each time, by a plan made beforehand by one who knows what comes.
 *
 * @param originMs epoch milliseconds of the plan's beginning
 * @param stepMs a multiple of 1000
 * @param instances of each step; the last holds on
 */
public record ScheduledScaler(long originMs, long stepMs, List<Integer> instances)
        implements Scaler {

    public ScheduledScaler {
        if (stepMs < 1_000 || stepMs % 1_000 != 0) {
            throw new IllegalArgumentException(
                    "stepMs: " + stepMs + " (expected: a multiple of 1000)");
        }
        instances = List.copyOf(instances);
    }

    @Override
    public long intervalMs() {
        return 1_000;
    }

    @Override
    public ScaleAction decide(Situation now) {
        long step =
                Math.clamp((now.window().asOfMs() - originMs) / stepMs, 0, instances.size() - 1);
        return Scaling.to(Scaling.clamp(instances.get((int) step), now), now, "as planned");
    }
}
