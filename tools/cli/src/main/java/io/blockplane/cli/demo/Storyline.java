package io.blockplane.cli.demo;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.InstanceReady;
import io.blockplane.events.BlockEvent.InstanceStopped;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the demo has seen in the log so far. Fed by the tails of three topics on their threads, read
 * by the demo's; so every method is synchronized.
 */
final class Storyline {

    private final Set<String> ready = new LinkedHashSet<>();
    private final Map<String, Long> windowSeenNanos = new HashMap<>();
    private final Map<String, String> windowOfDecision = new HashMap<>();
    private final List<Long> reactionMs = new ArrayList<>();
    private final List<String> news = new ArrayList<>();
    private final TreeMap<Long, String> decisionsThatActed = new TreeMap<>();
    private @Nullable WindowClosed lastWindow;
    private int decisions;
    private int peakInstances;
    private int stopped;
    private int upscales;

    synchronized void onWindow(LogRecord<Event> record) {
        if (record.event() instanceof WindowClosed window) {
            lastWindow = window;
            windowSeenNanos.put(record.envelope().id(), System.nanoTime());
        }
    }

    synchronized void onDecision(LogRecord<Event> record) {
        if (!(record.event() instanceof PolicyDecided decision)) {
            return;
        }
        decisions++;
        if (record.envelope().causationId() != null) {
            windowOfDecision.put(record.envelope().id(), record.envelope().causationId());
        }
        switch (decision.action().operation()) {
            case NONE -> {}
            case UPSCALE, DOWNSCALE -> {
                decisionsThatActed.put(decision.sequence(), record.envelope().id());
                news.add("policy: " + decision.action().reason());
            }
        }
        if (decision.error() != null) {
            news.add("policy failed: " + decision.error());
        }
    }

    synchronized void onBlockEvent(LogRecord<Event> record) {
        switch ((BlockEvent) record.event()) {
            case ScaleApplied scale -> onScale(record, scale);
            case InstanceReady instance -> {
                ready.add(instance.instanceId());
                peakInstances = Math.max(peakInstances, ready.size());
                news.add("instance " + instance.instanceId() + " serves");
            }
            case BlockEvent.InstanceDraining draining -> {
                ready.remove(draining.instanceId());
                news.add("instance " + draining.instanceId() + " drains");
            }
            case InstanceStopped gone -> {
                stopped++;
                news.add("instance " + gone.instanceId() + " is gone");
            }
            case BlockEvent.InstanceLost lost -> {
                ready.remove(lost.instanceId());
                news.add("instance " + lost.instanceId() + " was lost: " + lost.detail());
            }
            case BlockEvent.CommandRefused refused -> news.add("refused: " + refused.message());
            case BlockEvent.BlockCreated _,
                    BlockEvent.PolicyChange _,
                    BlockEvent.InstanceRequested _,
                    BlockEvent.InstanceDrained _ -> {}
        }
    }

    private void onScale(LogRecord<Event> record, ScaleApplied scale) {
        if (scale.operation() == Operation.UPSCALE && scale.after() > scale.before()) {
            upscales++;
            String command = record.envelope().causationId();
            if (command != null) {
                String window = windowOfDecision.get(command.substring("cmd-".length()));
                Long seen = window == null ? null : windowSeenNanos.get(window);
                if (seen != null) {
                    reactionMs.add((System.nanoTime() - seen) / 1_000_000);
                }
            }
        }
        news.add("applied: %d -> %d instances".formatted(scale.before(), scale.after()));
        for (BlockEvent.Clamp clamp : scale.clamps()) {
            news.add(
                    "cut by %s: asked %d, granted %d"
                            .formatted(clamp.limit(), clamp.asked(), clamp.granted()));
        }
    }

    /** What happened since the last call, in order. */
    synchronized List<String> takeNews() {
        List<String> taken = List.copyOf(news);
        news.clear();
        return taken;
    }

    synchronized int serving() {
        return ready.size();
    }

    synchronized int peakInstances() {
        return peakInstances;
    }

    synchronized int stopped() {
        return stopped;
    }

    synchronized int upscales() {
        return upscales;
    }

    synchronized int decisions() {
        return decisions;
    }

    /** Tokens read in the last minute by all instances together. */
    synchronized double tokensPerMinute() {
        return lastWindow == null ? 0 : lastWindow.block().inputTokensPerMinute().average1m();
    }

    /**
     * From seeing the window that a scale-up was decided on to seeing the scale-up applied,
     * milliseconds each.
     */
    synchronized List<Long> reactionMs() {
        return List.copyOf(reactionMs);
    }

    /** The first decision that asked for a change; null while there is none. */
    synchronized @Nullable String firstActingDecision() {
        return decisionsThatActed.isEmpty() ? null : decisionsThatActed.firstEntry().getValue();
    }
}
