package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided.ScaleAction;

/** So many instances, always. */
public record FixedScaler(int instances) implements Scaler {

    @Override
    public long intervalMs() {
        return 1_000;
    }

    @Override
    public ScaleAction decide(Situation situation) {
        return Scaling.to(Scaling.clamp(instances, situation), situation, "fixed");
    }
}
