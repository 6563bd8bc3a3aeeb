package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.Protection;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Where a block's tasks wait for a free instance: infer tasks oldest first, as they are in the
 * inbox, which bounds them; Predict calls in a bounded queue that is fair to sessions. Where both
 * wait, they take turns.
 */
final class WaitingRoom<I extends RoutedInstance, C extends Asking, T extends Asking> {

    private final PriorityQueue<Ordered<T>> tasks = new PriorityQueue<>();
    private final FairQueue<C> calls = new FairQueue<>(Protection.DEFAULT.maxQueued());
    private final Picker<I> picker;
    private final Effects<I, C, T> effects;
    private boolean inferFirst = true;

    WaitingRoom(Picker<I> picker, Effects<I, C, T> effects) {
        this.picker = picker;
        this.effects = effects;
    }

    private record Ordered<T>(long order, T task) implements Comparable<Ordered<T>> {
        @Override
        public int compareTo(Ordered<T> other) {
            return Long.compare(order, other.order);
        }
    }

    /** The Predict calls that wait. */
    FairQueue<C> calls() {
        return calls;
    }

    /** Adds an infer task. */
    void task(long order, T task) {
        tasks.add(new Ordered<>(order, task));
    }

    /** Takes all infer tasks out. */
    List<T> removeTasks() {
        List<T> removed = new ArrayList<>(tasks.size());
        for (Ordered<T> next : tasks) {
            removed.add(next.task());
        }
        tasks.clear();
        return removed;
    }

    /** Serves those that wait until no instance is free: of either kind one in turn. */
    void serve(long nowNanos) {
        boolean served = true;
        while (served) {
            served =
                    inferFirst
                            ? serveTask(nowNanos) || serveCall(nowNanos)
                            : serveCall(nowNanos) || serveTask(nowNanos);
            // A turn in which none was served is none: where one place gets free at a time, the
            // same kind would have each.
            inferFirst ^= served;
        }
    }

    /** One that waits for another instance than the free ones lets those behind it go first. */
    private boolean serveTask(long nowNanos) {
        List<Ordered<T>> passed = new ArrayList<>();
        boolean served = false;
        boolean mayFit = true;
        while (!served && mayFit && !tasks.isEmpty()) {
            Ordered<T> next = tasks.poll();
            if (next == null || next.task().gone()) {
                continue;
            }
            T task = next.task();
            List<I> free = free(task, /* infer= */ true, nowNanos);
            served = !free.isEmpty();
            if (served) {
                effects.taskPlaced(task, picker.place(free, task, /* infer= */ true, nowNanos));
            } else {
                passed.add(next);
                mayFit = othersFit(task, /* infer= */ true, nowNanos);
            }
        }
        tasks.addAll(passed);
        return served;
    }

    private boolean serveCall(long nowNanos) {
        for (int turns = calls.sessions(); turns > 0; turns--) {
            C next = calls.peek();
            if (next == null) {
                return false;
            }
            List<I> free = free(next, /* infer= */ false, nowNanos);
            if (!free.isEmpty()) {
                calls.poll();
                effects.callPlaced(next, picker.place(free, next, /* infer= */ false, nowNanos));
                return true;
            }
            if (!othersFit(next, /* infer= */ false, nowNanos)) {
                return false;
            }
            calls.pass();
        }
        return false;
    }

    private List<I> free(Asking asking, boolean infer, long nowNanos) {
        return picker.free(asking.packet(), asking.avoid(), infer, nowNanos);
    }

    /** Whether a task that avoids less may find a place where this one found none. */
    private boolean othersFit(Asking asking, boolean infer, long nowNanos) {
        return !asking.avoid().isEmpty()
                && !picker.free(asking.packet(), Set.of(), infer, nowNanos).isEmpty();
    }

    /** Tells the calls that there is no instance for them. */
    void dismissCalls() {
        for (C call = calls.poll(); call != null; call = calls.poll()) {
            effects.callDismissed(call);
        }
    }
}
