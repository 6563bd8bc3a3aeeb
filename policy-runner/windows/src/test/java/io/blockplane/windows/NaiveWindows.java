package io.blockplane.windows;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceEjected;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.InstanceReadmitted;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Rolling windows straight from their definition: keeps every event and recomputes every window
 * from all of them. Slow and simple, and shares no code with the real ones.
 */
final class NaiveWindows {

    private static final int[] LENGTHS = {10, 60, 300, 900};

    private final List<TaskEvent> seen = new ArrayList<>();
    private final String blockId;
    private long passed = -1;
    private int late;
    private int expired;

    NaiveWindows(String blockId) {
        this.blockId = blockId;
    }

    /** What one window holds. */
    private record Held(int seconds, List<TaskFinished> tasks, List<Long> gauges) {}

    List<WindowClosed> apply(TaskEvent event) {
        long lastTick = event.atMs() / 1000 * 1000;
        if (passed < 0) {
            passed = lastTick;
        }
        List<WindowClosed> closed = new ArrayList<>();
        long gap = lastTick - passed > 60_000 ? lastTick - passed - 1000 : 0;
        for (long tick = passed + gap + 1000; tick <= lastTick; tick += 1000) {
            closed.add(window(tick, gap));
            late = 0;
            expired = 0;
        }
        passed = Math.max(passed, lastTick);
        if (event instanceof TaskFinished && event.atMs() < passed) {
            boolean tooOld = event.atMs() < passed + 1000 - 900_000;
            expired += tooOld ? 1 : 0;
            late += tooOld ? 0 : 1;
        }
        seen.add(event);
        return closed;
    }

    private WindowClosed window(long asOf, long gap) {
        TreeSet<String> present = new TreeSet<>();
        for (TaskEvent event : seen) {
            if (event instanceof TaskFinished task
                    && task.instanceId() != null
                    && holds(asOf, 900, event)) {
                present.add(task.instanceId());
            }
            if (event instanceof Ticked tick && holds(asOf, 60, event)) {
                tick.instances().forEach(load -> present.add(load.instanceId()));
            }
        }
        return new WindowClosed(
                blockId,
                asOf,
                gap,
                late,
                expired,
                stats(asOf, null),
                present.stream().map(id -> new InstanceWindow(id, stats(asOf, id))).toList());
    }

    private static boolean holds(long asOf, int seconds, TaskEvent event) {
        return event.atMs() >= asOf - seconds * 1000L && event.atMs() < asOf;
    }

    private WindowStats stats(long asOf, @Nullable String instance) {
        List<Held> held = new ArrayList<>();
        for (int seconds : LENGTHS) {
            Held window = new Held(seconds, new ArrayList<>(), new ArrayList<>());
            for (TaskEvent event : seen) {
                if (holds(asOf, seconds, event)) {
                    collect(event, instance, window.tasks(), window.gauges());
                }
            }
            held.add(window);
        }
        return new WindowStats(
                rolling(held, w -> w.tasks().size()),
                rolling(held, w -> w.tasks().size() / (double) w.seconds()),
                rolling(held, w -> errors(w.tasks())),
                rolling(held, w -> seconds(w.tasks(), TaskFinished::totalUs)),
                rolling(held, w -> quantile(w.tasks(), 50)),
                rolling(held, w -> quantile(w.tasks(), 95)),
                rolling(held, w -> quantile(w.tasks(), 99)),
                rolling(held, w -> seconds(w.tasks(), TaskFinished::queueUs)),
                rolling(held, w -> seconds(reached(w.tasks()), TaskFinished::serviceUs)),
                rolling(
                        held,
                        w -> sum(w.tasks(), TaskFinished::tokensIn) * 60 / (double) w.seconds()),
                rolling(
                        held,
                        w -> sum(w.tasks(), TaskFinished::tokensOut) * 60 / (double) w.seconds()),
                rolling(held, w -> mean(w.gauges())));
    }

    private static Rolling rolling(List<Held> held, ToDoubleFunction<Held> formula) {
        return new Rolling(
                formula.applyAsDouble(held.get(0)),
                formula.applyAsDouble(held.get(1)),
                formula.applyAsDouble(held.get(2)),
                formula.applyAsDouble(held.get(3)));
    }

    private static void collect(
            TaskEvent event,
            @Nullable String instance,
            List<TaskFinished> tasks,
            List<Long> gauges) {
        switch (event) {
            case TaskFinished task -> {
                if (instance == null || Objects.equals(task.instanceId(), instance)) {
                    tasks.add(task);
                }
            }
            case Ticked tick -> {
                if (instance == null) {
                    gauges.add(
                            tick.queued()
                                    + tick.instances().stream()
                                            .mapToLong(InstanceLoad::outstanding)
                                            .sum());
                } else {
                    tick.instances().stream()
                            .filter(load -> load.instanceId().equals(instance))
                            .forEach(load -> gauges.add((long) load.outstanding()));
                }
            }
            case InstanceEjected _, InstanceReadmitted _ -> {}
            case TaskEvent.InstanceReported _ -> {
                // It counts nothing.
            }
        }
    }

    private static List<TaskFinished> reached(List<TaskFinished> tasks) {
        return tasks.stream().filter(t -> t.instanceId() != null).toList();
    }

    private static double mean(List<Long> gauges) {
        return gauges.isEmpty()
                ? 0
                : gauges.stream().mapToLong(g -> g).sum() / (double) gauges.size();
    }

    private static double errors(List<TaskFinished> tasks) {
        return tasks.stream().filter(t -> t.outcome() != Outcome.COMPLETED).count();
    }

    private static long sum(List<TaskFinished> tasks, ToLongFunction<TaskFinished> field) {
        return tasks.stream().mapToLong(field).sum();
    }

    private static double seconds(List<TaskFinished> tasks, ToLongFunction<TaskFinished> field) {
        return tasks.isEmpty() ? 0 : sum(tasks, field) / (tasks.size() * 1e6);
    }

    private static double quantile(List<TaskFinished> tasks, int percent) {
        if (tasks.isEmpty()) {
            return 0;
        }
        long[] sorted = tasks.stream().mapToLong(TaskFinished::totalUs).sorted().toArray();
        int place = 1;
        while (place * 100L < (long) percent * sorted.length) {
            place++;
        }
        return middleOfBin(sorted[place - 1]) / 1e6;
    }

    /** Bins of 1 below 64, then twice as wide each time the value doubles. */
    static long middleOfBin(long value) {
        long width = 1;
        while (value / width >= 64) {
            width *= 2;
        }
        return value / width * width + width / 2;
    }
}
