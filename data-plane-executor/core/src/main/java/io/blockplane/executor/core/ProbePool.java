package io.blockplane.executor.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What probes of a block's instances said, as {@link Prequal} uses it: the newest of each instance,
 * until it is too old or has served its picks. A pick adds a request to what its probe said, since
 * the next probe will. At least {@link #LEAST} instances must have a usable one, else it is as if
 * none had: a choice from one is no choice.
 */
public final class ProbePool {

    /** Instances with a usable probe that make a choice. */
    public static final int LEAST = 2;

    private final Prequal tuning;
    private final Map<String, Entry> entries = new HashMap<>();
    private double owed;

    private static final class Entry {
        private int inFlight;
        private long latencyUs;
        private long takenNanos;
        private int usesLeft;
    }

    /** A usable probe. */
    public record Probe(int inFlight, long latencyUs) {}

    public ProbePool(Prequal tuning) {
        this.tuning = tuning;
    }

    /**
     * An instance answered a probe.
     *
     * @param nowNanos when the answer came
     */
    public void answered(String instanceId, int inFlight, long latencyUs, long nowNanos) {
        Entry entry = entries.computeIfAbsent(instanceId, _ -> new Entry());
        entry.inFlight = inFlight;
        entry.latencyUs = latencyUs;
        entry.takenNanos = nowNanos;
        entry.usesLeft = tuning.probeReuse();
    }

    /** An instance that is not routed to any more, or can't be probed. */
    public void forget(String instanceId) {
        entries.remove(instanceId);
    }

    /** Whether enough of these have a usable probe. */
    public boolean enough(List<String> instanceIds, long nowNanos) {
        int usable = 0;
        for (int i = 0; i < instanceIds.size() && usable < LEAST; i++) {
            usable += usable(instanceIds.get(i), nowNanos) == null ? 0 : 1;
        }
        return usable >= LEAST;
    }

    /** The instance's probe; null when it has none that may be used. */
    public @Nullable Probe usable(String instanceId, long nowNanos) {
        Entry entry = entries.get(instanceId);
        return entry == null
                        || entry.usesLeft <= 0
                        || nowNanos - entry.takenNanos > tuning.probeMaxAge().toNanos()
                ? null
                : new Probe(entry.inFlight, entry.latencyUs);
    }

    /** A task goes to this instance. */
    public void picked(String instanceId) {
        Entry entry = entries.get(instanceId);
        if (entry != null) {
            entry.inFlight++;
            entry.usesLeft--;
        }
    }

    /**
     * Which instances to probe after a pick: drawn by its sequence number, no two the same.
     *
     * @param instanceIds of all that may be probed
     */
    public List<String> toProbe(long sequence, List<String> instanceIds) {
        owed = Math.min(owed + tuning.probesPerRequest(), Prequal.MAX_PROBES_PER_REQUEST);
        int wanted = Math.min((int) owed, instanceIds.size());
        owed -= (int) owed;
        List<String> drawn = new ArrayList<>(wanted);
        long bits = Mixing.mix(~sequence);
        int n = instanceIds.size();
        for (int i = 0; i < wanted; i++) {
            drawn.add(instanceIds.get((Mixing.below(bits, n) + i) % n));
        }
        return drawn;
    }
}
