package io.blockplane.executor;

import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.Protection;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where a block's tasks wait for a free instance: infer tasks oldest first, as they are in the
 * inbox, which bounds them; Predict calls in a bounded queue that is fair to sessions. Where both
 * wait, they take turns. Belongs to the router's lock.
 */
final class WaitingRoom {

    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private final FairQueue<Pick.Waiting> calls = new FairQueue<>(Protection.DEFAULT.maxQueued());
    private final Picker picker;
    private final News news;
    private final Consumer<Router.Lease> unwanted;
    private boolean inferFirst;

    /**
     * Makes an empty one.
     *
     * @param unwanted gives back a place that came too late for its task
     */
    WaitingRoom(Picker picker, News news, Consumer<Router.Lease> unwanted) {
        this.picker = picker;
        this.news = news;
        this.unwanted = unwanted;
    }

    private record Waiter(
            long order,
            PacketFacts packet,
            int bytes,
            Set<String> avoid,
            CompletableFuture<Router.Lease> place)
            implements Comparable<Waiter> {
        @Override
        public int compareTo(Waiter other) {
            return Long.compare(order, other.order);
        }
    }

    /** The Predict calls that wait. */
    FairQueue<Pick.Waiting> calls() {
        return calls;
    }

    /** Adds a Predict call; null when the queue is full. */
    Pick.@Nullable Waiting call(PacketFacts packet, int bytes, Set<String> avoid) {
        Pick.Waiting call = new Pick.Waiting(packet, bytes, Set.copyOf(avoid));
        call.queued = calls.offer(packet.sessionId(), call);
        return call.queued == null ? null : call;
    }

    /** Takes a Predict call out, if it is still here. */
    void remove(Pick.Waiting call) {
        FairQueue.Place<Pick.Waiting> queued = call.queued;
        if (queued != null) {
            calls.remove(queued);
        }
    }

    /** Adds an infer task. */
    void task(
            long order,
            PacketFacts packet,
            int bytes,
            Set<String> avoid,
            CompletableFuture<Router.Lease> place) {
        waiters.add(new Waiter(order, packet, bytes, Set.copyOf(avoid), place));
    }

    /** Takes all infer tasks out. */
    List<CompletableFuture<Router.Lease>> removeTasks() {
        List<CompletableFuture<Router.Lease>> places = new ArrayList<>();
        waiters.forEach(waiter -> places.add(waiter.place()));
        waiters.clear();
        return places;
    }

    /** Serves those that wait until no instance is free: of either kind one in turn. */
    void serve(long nowNanos) {
        boolean served = true;
        while (served) {
            inferFirst = !inferFirst;
            served =
                    inferFirst
                            ? serveInfer(nowNanos) || serveCall(nowNanos)
                            : serveCall(nowNanos) || serveInfer(nowNanos);
        }
    }

    /** One that waits for another instance than the free ones lets those behind it go first. */
    private boolean serveInfer(long nowNanos) {
        List<Waiter> passed = new ArrayList<>();
        boolean served = false;
        boolean mayFit = true;
        while (!served && mayFit && !waiters.isEmpty()) {
            Waiter next = waiters.poll();
            if (next == null || next.place().isDone()) {
                continue;
            }
            served = serve(next, nowNanos);
            if (!served) {
                passed.add(next);
                mayFit = othersFit(next.packet(), next.avoid(), /* infer= */ true, nowNanos);
            }
        }
        waiters.addAll(passed);
        return served;
    }

    private boolean serve(Waiter next, long nowNanos) {
        List<Target> free = picker.free(next.packet(), next.avoid(), /* infer= */ true, nowNanos);
        if (free.isEmpty()) {
            return false;
        }
        Router.Lease lease =
                picker.lease(free, next.packet(), next.bytes(), /* infer= */ true, nowNanos);
        news.add(() -> {
            if (!next.place().complete(lease)) {
                unwanted.accept(lease);
            }
        });
        return true;
    }

    /** Whether a task that avoids less may find a place where this one found none. */
    private boolean othersFit(PacketFacts packet, Set<String> avoid, boolean infer, long nowNanos) {
        return !avoid.isEmpty() && !picker.free(packet, Set.of(), infer, nowNanos).isEmpty();
    }

    private boolean serveCall(long nowNanos) {
        for (int turns = calls.sessions(); turns > 0; turns--) {
            Pick.Waiting next = calls.peek();
            if (next == null) {
                return false;
            }
            if (serve(next, nowNanos)) {
                return true;
            }
            if (!othersFit(next.packet, next.avoid, /* infer= */ false, nowNanos)) {
                return false;
            }
            calls.pass();
        }
        return false;
    }

    private boolean serve(Pick.Waiting next, long nowNanos) {
        List<Target> free = picker.free(next.packet, next.avoid, /* infer= */ false, nowNanos);
        if (free.isEmpty()) {
            return false;
        }
        calls.poll();
        Router.Lease lease =
                picker.lease(free, next.packet, next.bytes, /* infer= */ false, nowNanos);
        news.add(() -> {
            if (!next.place().complete(new Pick.Picked(lease))) {
                unwanted.accept(lease);
            }
        });
        return true;
    }

    /** Tells the calls that there is no instance for them. */
    void dismissCalls() {
        for (Pick.Waiting call = calls.poll(); call != null; call = calls.poll()) {
            Pick.Waiting dismissed = call;
            news.add(() -> dismissed.place().complete(new Pick.NoInstance()));
        }
    }
}
