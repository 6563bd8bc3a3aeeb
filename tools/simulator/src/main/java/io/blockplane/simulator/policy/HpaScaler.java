package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Ticked;
import java.util.ArrayDeque;

/**
 * As the Kubernetes HorizontalPodAutoscaler with its default behaviour, on requests in hand for
 * each instance (an {@code AverageValue} metric):
 *
 * <ol>
 *   <li>Every 15 s: {@code desired = ceil(current * metric / target)}; within 10 % of the target,
 *       {@code current}.
 *   <li>Up: at once, by at most 100 % or 4 instances a step, whichever is more.
 *   <li>Down: to the highest {@code desired} of the last 5 minutes.
 * </ol>
 *
 * Source: kubernetes.io, "Horizontal Pod Autoscaling", algorithm details and default behavior.
 */
public final class HpaScaler implements Scaler {

    static final long SYNC_MS = 15_000;
    static final long DOWN_STABILIZATION_MS = 300_000;
    static final double TOLERANCE = 0.1;
    static final int UP_INSTANCES = 4;

    private final double target;
    private final ArrayDeque<Recommendation> recommendations = new ArrayDeque<>();
    private double inHand;

    private record Recommendation(long atMs, int desired) {}

    /**
     * Makes one.
     *
     * @param target requests in hand for each instance
     */
    public HpaScaler(double target) {
        if (!(target > 0)) {
            throw new IllegalArgumentException("target: " + target + " (expected: > 0)");
        }
        this.target = target;
    }

    @Override
    public long intervalMs() {
        return SYNC_MS;
    }

    @Override
    public void onTick(Ticked tick) {
        inHand = tick.queued();
        for (InstanceLoad load : tick.instances()) {
            inHand += load.outstanding();
        }
    }

    @Override
    public ScaleAction decide(Situation now) {
        int current = now.wanted().size();
        double ratio = current == 0 ? 1 : inHand / current / target;
        int desired =
                current > 0 && Math.abs(ratio - 1) <= TOLERANCE
                        ? current
                        : (int) Math.ceil(inHand / target);
        desired = Scaling.clamp(desired, now);
        long atMs = now.window().asOfMs();
        recommendations.add(new Recommendation(atMs, desired));
        while (recommendations.getFirst().atMs <= atMs - DOWN_STABILIZATION_MS) {
            recommendations.removeFirst();
        }
        int highest = recommendations.stream().mapToInt(r -> r.desired).max().orElse(desired);
        int next =
                desired >= current
                        ? Math.min(desired, current + Math.max(current, UP_INSTANCES))
                        : Math.min(current, highest);
        return Scaling.to(
                Scaling.clamp(next, now),
                now,
                "%.1f in hand, target %s each".formatted(inHand, target));
    }
}
