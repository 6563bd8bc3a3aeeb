package io.blockplane.executor.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Lets an instance that has just come, or come back, warm up: it is a candidate for a growing share
 * of the tasks, from {@link #FIRST_SHARE} to all over the window, in a straight line. It is taken
 * relative to the warmest candidate, so that a block of nothing but new instances serves at full.
 * As the candidates are recorded, so is the effect.
 */
public final class SlowStart {

    public static final double FIRST_SHARE = 0.1;

    private final long windowNanos;
    private final Map<String, Long> begun = new HashMap<>();

    /**
     * Makes it.
     *
     * @param window zero: instances are warm at once
     */
    public SlowStart(Duration window) {
        this.windowNanos = window.toNanos();
    }

    /** The instance may be routed to from now on. */
    public void begin(String instanceId, long nowNanos) {
        if (windowNanos > 0) {
            begun.put(instanceId, nowNanos);
        }
    }

    /** The instance is no more, or not to be routed to. */
    public void forget(String instanceId) {
        begun.remove(instanceId);
    }

    /** Whether no instance warms up: then all of them may be candidates. */
    public boolean allWarm() {
        return begun.isEmpty();
    }

    /** From {@link #FIRST_SHARE} to 1. */
    public double share(String instanceId, long nowNanos) {
        Long begin = begun.get(instanceId);
        if (begin == null) {
            return 1;
        }
        double ramp = (double) (nowNanos - begin) / windowNanos;
        if (ramp >= 1) {
            begun.remove(instanceId);
            return 1;
        }
        return FIRST_SHARE + (1 - FIRST_SHARE) * ramp;
    }

    /**
     * Whether it is a candidate for one task.
     *
     * @param key of the task: its sequence number, or its session's hash, so that a session changes
     *     to the new instance once and not back and forth
     * @param warmest the largest share of the instances there are
     */
    public boolean admits(String instanceId, long key, double warmest, long nowNanos) {
        double share = share(instanceId, nowNanos);
        return share >= warmest
                || Mixing.unit(Mixing.mix(key ^ Mixing.hash(instanceId))) * warmest < share;
    }

    /** A session as a key for {@link #admits}. */
    public static long key(String sessionId) {
        return Mixing.hash(sessionId);
    }

    /**
     * Those of some instances that may have a task with this key now, in their order.
     *
     * @param id an instance's
     */
    public <T> List<T> warm(List<T> from, Function<T, String> id, long key, long nowNanos) {
        if (allWarm() || from.size() < 2) {
            return from;
        }
        double warmest = 0;
        for (T instance : from) {
            warmest = Math.max(warmest, share(id.apply(instance), nowNanos));
        }
        List<T> admitted = new ArrayList<>(from.size());
        for (T instance : from) {
            if (admits(id.apply(instance), key, warmest, nowNanos)) {
                admitted.add(instance);
            }
        }
        return admitted;
    }
}
