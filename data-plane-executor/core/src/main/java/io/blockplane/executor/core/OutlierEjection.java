package io.blockplane.executor.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes an instance out of a block for a while when it gives no answers, as Envoy's outlier
 * detection does:
 *
 * <ol>
 *   <li>It goes after so many failures in a row, or when so large a share of its attempts in the
 *       window failed and there were enough of them to tell. Never after a single one.
 *   <li>It stays away for the base time, times the number of ejections in a row, up to the most. A
 *       row ends when it has served for twice its last ejection.
 *   <li>Of the block's instances at most a share is away at once. One that is over it stays, and
 *       goes with its next failure if there is place then.
 * </ol>
 *
 * Being slow is no reason to go: who weighs latency is the balancer.
 */
public final class OutlierEjection {

    /**
     * When an instance goes, and for how long.
     *
     * @param consecutiveFailures in a row, at least 2
     * @param failurePercent of the attempts in the window
     * @param minAttempts in the window, below which the share says nothing, at least 2
     * @param maxEjectedPercent of the block's instances, rounded down
     */
    public record Limits(
            int consecutiveFailures,
            int failurePercent,
            int minAttempts,
            Duration window,
            Duration baseEjection,
            Duration maxEjection,
            int maxEjectedPercent) {

        public static final Limits DEFAULT =
                new Limits(
                        5,
                        50,
                        20,
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(5),
                        50);

        public Limits {
            atLeastTwo("consecutiveFailures", consecutiveFailures);
            atLeastTwo("minAttempts", minAttempts);
        }

        private static void atLeastTwo(String field, int value) {
            if (value < 2) {
                throw new IllegalArgumentException(field + ": " + value + " (expected: >= 2)");
            }
        }
    }

    /** An instance that gets nothing from now on, and the evidence. */
    public record Ejection(
            String instanceId,
            String reason,
            int consecutiveFailures,
            int attempts,
            int failures,
            int times,
            Duration duration) {}

    /** An instance that gets tasks again. */
    public record Readmission(String instanceId, Duration ejectedFor, int times) {}

    private Limits limits;
    private final Map<String, Health> instances = new TreeMap<>();
    private int ejected;

    private static final class Health {
        private WindowedCount attempts;
        private WindowedCount failures;
        private int consecutive;
        private int times;
        private boolean ejected;
        private long ejectedNanos;
        private long durationNanos;
        private long readmittedNanos;

        private Health(Duration window) {
            this.attempts = new WindowedCount(window);
            this.failures = new WindowedCount(window);
        }
    }

    public OutlierEjection(Limits limits) {
        this.limits = limits;
    }

    /** Other limits from now on; what was counted until now is forgotten. */
    public void limit(Limits next) {
        if (!next.equals(limits)) {
            limits = next;
            for (Health health : instances.values()) {
                health.attempts = new WindowedCount(next.window);
                health.failures = new WindowedCount(next.window);
            }
        }
    }

    /**
     * The block's instances now; one that was forgotten begins anew.
     *
     * @return those that have to come back because too few are left
     */
    public List<Readmission> members(Set<String> routable, long nowNanos) {
        instances.entrySet().removeIf(e -> !routable.contains(e.getKey()));
        routable.forEach(id -> instances.computeIfAbsent(id, _ -> new Health(limits.window)));
        ejected = (int) instances.values().stream().filter(h -> h.ejected).count();
        List<Readmission> back = new ArrayList<>();
        while (ejected > most()) {
            back.add(readmit(nearestItsEnd(), nowNanos));
        }
        return back;
    }

    /** The instance is another one from now on, under the same id. */
    public void forget(String instanceId) {
        Health health = instances.remove(instanceId);
        if (health != null) {
            ejected -= health.ejected ? 1 : 0;
            instances.put(instanceId, new Health(limits.window));
        }
    }

    /** The instance answered. */
    public void answered(String instanceId, long nowNanos) {
        Health health = instances.get(instanceId);
        if (health != null) {
            health.attempts.add(nowNanos, 1);
            health.consecutive = 0;
        }
    }

    /**
     * The instance gave no answer.
     *
     * @return its ejection, if that is what follows
     */
    public @Nullable Ejection failed(String instanceId, String detail, long nowNanos) {
        Health health = instances.get(instanceId);
        if (health == null) {
            return null;
        }
        health.attempts.add(nowNanos, 1);
        health.failures.add(nowNanos, 1);
        health.consecutive++;
        if (health.ejected || ejected >= most()) {
            return null;
        }
        int attempts = (int) health.attempts.sum(nowNanos);
        int failures = (int) health.failures.sum(nowNanos);
        String reason = reason(health.consecutive, attempts, failures);
        return reason == null
                ? null
                : eject(
                        instanceId,
                        health,
                        reason + "; last: " + detail,
                        attempts,
                        failures,
                        nowNanos);
    }

    /** Whether nothing may be routed to it. */
    public boolean isEjected(String instanceId) {
        if (ejected == 0) {
            return false;
        }
        Health health = instances.get(instanceId);
        return health != null && health.ejected;
    }

    /** How many are away. */
    public int ejected() {
        return ejected;
    }

    /** Lets those come back whose time is over. */
    public List<Readmission> due(long nowNanos) {
        if (ejected == 0) {
            return List.of();
        }
        List<Readmission> back = new ArrayList<>();
        for (Iterator<Map.Entry<String, Health>> all = instances.entrySet().iterator();
                all.hasNext(); ) {
            Map.Entry<String, Health> entry = all.next();
            Health health = entry.getValue();
            if (health.ejected && nowNanos - health.ejectedNanos >= health.durationNanos) {
                back.add(readmit(entry, nowNanos));
            }
        }
        return back;
    }

    private @Nullable String reason(int consecutive, int attempts, int failures) {
        if (consecutive >= limits.consecutiveFailures) {
            return consecutive + " attempts in a row failed";
        }
        return attempts >= limits.minAttempts
                        && failures >= 2
                        && failures * 100L >= (long) limits.failurePercent * attempts
                ? "%d of %d attempts failed".formatted(failures, attempts)
                : null;
    }

    private Ejection eject(
            String instanceId,
            Health health,
            String reason,
            int attempts,
            int failures,
            long nowNanos) {
        boolean inARow =
                health.times > 0 && nowNanos - health.readmittedNanos < 2 * health.durationNanos;
        health.times = inARow ? health.times + 1 : 1;
        Duration grown = limits.baseEjection.multipliedBy(health.times);
        Duration duration = grown.compareTo(limits.maxEjection) > 0 ? limits.maxEjection : grown;
        int consecutive = health.consecutive;
        health.ejected = true;
        health.ejectedNanos = nowNanos;
        health.durationNanos = duration.toNanos();
        ejected++;
        return new Ejection(
                instanceId, reason, consecutive, attempts, failures, health.times, duration);
    }

    private Readmission readmit(Map.Entry<String, Health> entry, long nowNanos) {
        Health health = entry.getValue();
        health.ejected = false;
        health.readmittedNanos = nowNanos;
        health.consecutive = 0;
        health.attempts.clear();
        health.failures.clear();
        ejected--;
        return new Readmission(
                entry.getKey(), Duration.ofNanos(nowNanos - health.ejectedNanos), health.times);
    }

    private Map.Entry<String, Health> nearestItsEnd() {
        Map.Entry<String, Health> nearest = null;
        for (Map.Entry<String, Health> entry : instances.entrySet()) {
            if (entry.getValue().ejected && (nearest == null || end(entry) - end(nearest) < 0)) {
                nearest = entry;
            }
        }
        if (nearest == null) {
            throw new IllegalStateException("of " + ejected + " ejected instances there is none");
        }
        return nearest;
    }

    private static long end(Map.Entry<String, Health> entry) {
        return entry.getValue().ejectedNanos + entry.getValue().durationNanos;
    }

    private int most() {
        return instances.size() * limits.maxEjectedPercent / 100;
    }
}
