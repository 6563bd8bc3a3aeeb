package io.blockplane.replay.backtest;

import io.blockplane.events.BlockEvent;
import io.blockplane.simulator.Scenario.Loss;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How a block's instances came and went, and how long that took. */
final class InstanceLives {

    private static final long FOR_EVER = Long.MAX_VALUE;

    private final Map<String, Life> lives = new HashMap<>();
    private final List<Double> startUpsMs = new ArrayList<>();
    private final List<Double> firstStartUpsMs = new ArrayList<>();
    private final TreeSet<String> serving = new TreeSet<>();
    private final List<Lost> losses = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private long createdMs;

    private static final class Life {
        private long requestedMs;
        private long startedMs;
        private @Nullable Long drainingMs;
        private long stoppedMs = FOR_EVER;
        private long lastTaskMs;
    }

    private record Lost(long atMs, int rank) {}

    private record Change(long atMs, int before, int after) {}

    void created(long atMs) {
        createdMs = atMs;
    }

    long createdMs() {
        return createdMs;
    }

    void event(BlockEvent event, long atMs) {
        switch (event) {
            case BlockEvent.InstanceRequested e -> {
                Life life = new Life();
                life.requestedMs = atMs;
                life.startedMs = atMs;
                lives.put(e.instanceId(), life);
            }
            case BlockEvent.InstanceReady e -> {
                Life life = life(e.instanceId());
                double took = (double) Math.max(0, atMs - life.startedMs);
                (life.requestedMs <= createdMs ? firstStartUpsMs : startUpsMs).add(took);
                serving.add(e.instanceId());
            }
            case BlockEvent.InstanceLost e -> {
                losses.add(new Lost(atMs, serving.headSet(e.instanceId()).size()));
                serving.remove(e.instanceId());
                life(e.instanceId()).startedMs = atMs;
            }
            case BlockEvent.InstanceDraining e -> {
                life(e.instanceId()).drainingMs = atMs;
                serving.remove(e.instanceId());
            }
            case BlockEvent.InstanceStopped e -> life(e.instanceId()).stoppedMs = atMs;
            case BlockEvent.ScaleApplied e -> changes.add(new Change(atMs, e.before(), e.after()));
            case BlockEvent.BlockCreated _,
                    BlockEvent.InstanceDrained _,
                    BlockEvent.PolicyChange _,
                    BlockEvent.CommandRefused _ -> {}
        }
    }

    /** A task of this instance ended. */
    void task(String instanceId, long atMs) {
        Life life = life(instanceId);
        life.lastTaskMs = Math.max(life.lastTaskMs, atMs);
    }

    /** From request to readiness; those of the block's beginning only when there are no others. */
    List<Double> startUpsMs() {
        return startUpsMs.isEmpty() ? firstStartUpsMs : startUpsMs;
    }

    /** From the last task, or the drain when there was none after it, to the end. */
    List<Double> stopsMs() {
        List<Double> stops = new ArrayList<>();
        for (Life life : lives.values()) {
            Long draining = life.drainingMs;
            if (draining != null && life.stoppedMs != FOR_EVER) {
                long idle = Math.max(draining, life.lastTaskMs);
                stops.add((double) Math.max(0, life.stoppedMs - idle));
            }
        }
        return stops;
    }

    /** Paid for in a span of time. */
    double instanceSeconds(long fromMs, long toMs) {
        double sum = 0;
        for (Life life : lives.values()) {
            long from = Math.max(fromMs, life.requestedMs);
            long to = Math.min(toMs, life.stoppedMs);
            sum += Math.max(0, to - from) / 1e3;
        }
        return sum;
    }

    /** Changes of the wanted number in a span of time. */
    long scaleActions(long fromMs, long toMs) {
        return changes.stream()
                .filter(c -> c.atMs >= fromMs && c.atMs <= toMs && c.before != c.after)
                .count();
    }

    /** Instances that the block was to have at a moment. */
    int wanted(long atMs) {
        int wanted = 0;
        for (Life life : lives.values()) {
            Long draining = life.drainingMs;
            boolean there =
                    life.requestedMs <= atMs
                            && life.stoppedMs > atMs
                            && (draining == null || draining > atMs);
            wanted += there ? 1 : 0;
        }
        return wanted;
    }

    /** Instances that went away on their own in a span of time. */
    List<Loss> losses(long originMs, long toMs) {
        return losses.stream()
                .filter(l -> l.atMs >= originMs && l.atMs <= toMs)
                .map(l -> new Loss((l.atMs - originMs) * 1_000_000, l.rank))
                .toList();
    }

    private Life life(String instanceId) {
        return lives.computeIfAbsent(instanceId, _ -> new Life());
    }
}
