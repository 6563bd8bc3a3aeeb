package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Ticked;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * As the Knative pod autoscaler with its default settings, on concurrency:
 *
 * <ol>
 *   <li>Every 2 s: {@code desired = ceil(mean concurrency of the last 60 s / target)}, and the same
 *       over the last 6 s.
 *   <li>When the latter is at least 200 % of the instances that serve, it panics: it takes the
 *       higher of the two and does not go down, until that was not so for 60 s.
 *   <li>At most twice down a step (max-scale-down-rate 2); up is not bounded in practice (1000).
 * </ol>
 *
 * Source: knative.dev, "Configuring the autoscaler"; github.com/knative/serving, pkg/autoscaler.
 */
public final class KnativeScaler implements Scaler {

    static final long TICK_MS = 2_000;
    static final int STABLE_SECONDS = 60;
    static final int PANIC_SECONDS = 6;
    static final double PANIC_THRESHOLD = 2.0;
    static final double MAX_DOWN_RATE = 2;

    private final double target;
    private final ArrayDeque<Double> concurrency = new ArrayDeque<>();
    private long panicUntilMs = Long.MIN_VALUE;
    private int panicInstances;

    /**
     * Makes one.
     *
     * @param target concurrency for each instance that it aims at (Knative: 70 % of what one takes)
     */
    public KnativeScaler(double target) {
        if (!(target > 0)) {
            throw new IllegalArgumentException("target: " + target + " (expected: > 0)");
        }
        this.target = target;
    }

    @Override
    public long intervalMs() {
        return TICK_MS;
    }

    @Override
    public void onTick(Ticked tick) {
        double inHand = tick.queued();
        for (InstanceLoad load : tick.instances()) {
            inHand += load.outstanding();
        }
        concurrency.addLast(inHand);
        if (concurrency.size() > STABLE_SECONDS) {
            concurrency.removeFirst();
        }
    }

    @Override
    public ScaleAction decide(Situation now) {
        int serving = Math.max(1, now.serving().size());
        int stable = (int) Math.ceil(mean(STABLE_SECONDS) / target);
        int panic = (int) Math.ceil(mean(PANIC_SECONDS) / target);
        int floor = (int) Math.floor(serving / MAX_DOWN_RATE);
        stable = Math.max(stable, floor);
        panic = Math.max(panic, floor);
        long atMs = now.window().asOfMs();
        if (panic >= PANIC_THRESHOLD * serving) {
            panicInstances = atMs > panicUntilMs ? serving : panicInstances;
            panicUntilMs = atMs + STABLE_SECONDS * 1_000L;
        }
        boolean panics = atMs <= panicUntilMs;
        int desired = stable;
        if (panics) {
            panicInstances = Math.max(panicInstances, Math.max(stable, panic));
            desired = panicInstances;
        }
        return Scaling.to(
                Scaling.clamp(desired, now),
                now,
                "concurrency %.1f over 60 s, %.1f over 6 s, target %s each%s"
                        .formatted(
                                mean(STABLE_SECONDS),
                                mean(PANIC_SECONDS),
                                target,
                                panics ? ", panic" : ""));
    }

    private double mean(int seconds) {
        double sum = 0;
        int count = 0;
        for (Iterator<Double> latest = concurrency.descendingIterator();
                latest.hasNext() && count < seconds;
                count++) {
            sum += latest.next();
        }
        return count == 0 ? 0 : sum / count;
    }
}
