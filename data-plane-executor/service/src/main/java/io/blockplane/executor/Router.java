package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.core.Balancer;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.InstanceSet.Member;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One block's instances: which task goes where, and how many each has in its hands. Infer tasks
 * wait here for a free instance, oldest first; Predict calls don't wait. Thread safe.
 */
final class Router implements AutoCloseable {

    /** Tasks of either kind that an instance has at once; more are refused, not queued. */
    static final int MAX_OUTSTANDING_PER_INSTANCE = 256;

    /** An instance that failed a task is passed over for this long, while there are others. */
    static final Duration SUSPICION = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private final String blockId;
    private final Balancer balancer;
    private final Transport.Factory transports;
    private final int inferPerInstance;

    /** Places that were found and are to be told of. */
    private final Queue<Grant> grants = new ConcurrentLinkedQueue<>();

    private final AtomicInteger granting = new AtomicInteger();

    // All below: under this object's lock.
    private final Map<String, Target> targets = new TreeMap<>();
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private InstanceSet set = InstanceSet.EMPTY;
    private List<String> routableIds = List.of();
    private long sequence;
    private boolean closed;

    Router(String blockId, Balancer balancer, Transport.Factory transports, int inferPerInstance) {
        this.blockId = blockId;
        this.balancer = balancer;
        this.transports = transports;
        this.inferPerInstance = inferPerInstance;
    }

    /** What a Predict call finds. */
    sealed interface Pick {
        record Picked(Lease lease) implements Pick {}

        /** No instance may be routed to. */
        record NoInstance() implements Pick {}

        /** Each has as many tasks as it may have. */
        record AllBusy() implements Pick {}
    }

    /** A place at an instance for one task; to be given back by {@link Router#release}. */
    record Lease(Target target, boolean infer, Routing routing) {
        String instanceId() {
            return target.instanceId;
        }

        Transport transport() {
            return target.transport;
        }

        /** The same place at another instance, to which it was moved. */
        Lease at(Target moved) {
            return new Lease(moved, infer, routing);
        }

        /** The same place by another decision. */
        Lease routed(Routing decision) {
            return new Lease(target, infer, decision);
        }
    }

    /** An instance that has to be reported as drained. */
    record Idle(String instanceId, int generation) {}

    /** One run of one instance. Its fields belong to the router's lock. */
    static final class Target {
        private final String instanceId;
        private final int generation;
        private final InstanceAddress address;
        private final Transport transport;
        private boolean routable;
        private int outstanding;
        private int infer;
        private long suspectUntilNanos;
        private boolean suspect;

        private Target(
                String instanceId, int generation, InstanceAddress address, Transport transport) {
            this.instanceId = instanceId;
            this.generation = generation;
            this.address = address;
            this.transport = transport;
        }
    }

    private record Waiter(
            long order, PacketFacts packet, Set<String> avoid, CompletableFuture<Lease> place)
            implements Comparable<Waiter> {
        @Override
        public int compareTo(Waiter other) {
            return Long.compare(order, other.order);
        }
    }

    private record Grant(CompletableFuture<Lease> place, Lease lease) {}

    /** Takes over a newer instance set: an instance that drains gets nothing from here on. */
    void update(InstanceSet next) {
        List<Target> gone = new ArrayList<>();
        synchronized (this) {
            set = next;
            targets.values()
                    .removeIf(target -> {
                        boolean remove = !stillServes(target, next);
                        if (remove) {
                            gone.add(target);
                        }
                        return remove;
                    });
            next.members().forEach(this::admit);
            pump();
        }
        grant();
        for (Target target : gone) {
            target.transport.close();
        }
    }

    /**
     * A place for a Predict call, if there is one now.
     *
     * @param avoid instances that failed this task already; they get it only if there is no other
     */
    synchronized Pick tryAcquire(PacketFacts packet, Set<String> avoid) {
        if (targets.values().stream().noneMatch(t -> t.routable)) {
            return new Pick.NoInstance();
        }
        List<Target> free = eligible(t -> t.outstanding < MAX_OUTSTANDING_PER_INSTANCE, avoid);
        return free.isEmpty()
                ? new Pick.AllBusy()
                : new Pick.Picked(lease(free, packet, /* infer= */ false));
    }

    /**
     * A place for an infer task, as soon as there is one; cancelled when the router closes.
     *
     * @param order of those that wait the lowest is served first
     */
    CompletableFuture<Lease> acquire(long order, PacketFacts packet, Set<String> avoid) {
        CompletableFuture<Lease> place = new CompletableFuture<>();
        synchronized (this) {
            if (closed) {
                place.cancel(false);
            } else {
                waiters.add(new Waiter(order, packet, Set.copyOf(avoid), place));
                pump();
            }
        }
        grant();
        return place;
    }

    /** All instances that may be routed to, for a task that has a place already. */
    synchronized Candidates candidates(Lease place) {
        List<InstanceLoad> loads = new ArrayList<>(targets.size());
        for (Target target : targets.values()) {
            if (target.routable) {
                int own = target == place.target() ? 1 : 0;
                loads.add(new InstanceLoad(target.instanceId, target.outstanding - own));
            }
        }
        List<String> ids = loads.stream().map(InstanceLoad::instanceId).toList();
        if (!ids.equals(routableIds)) {
            routableIds = ids;
        }
        return new Candidates(set.version(), routableIds, loads);
    }

    /**
     * Moves a task's place to another instance, if it may be there.
     *
     * @param avoid instances that failed this task already
     */
    Move move(Lease place, String instanceId, Set<String> avoid) {
        Move move = tryMove(place, instanceId, avoid);
        grant();
        return move;
    }

    private synchronized Move tryMove(Lease place, String instanceId, Set<String> avoid) {
        Target target = targets.get(instanceId);
        if (target == place.target()) {
            return new Move.Moved(target);
        }
        if (target == null || !target.routable) {
            return new Move.Stayed("it is not routable any more");
        }
        if (target.outstanding >= MAX_OUTSTANDING_PER_INSTANCE
                || (place.infer() && target.infer >= inferPerInstance)) {
            return new Move.Stayed("it has all the tasks that it may have");
        }
        if (avoid.contains(instanceId)) {
            return new Move.Stayed("it failed this task before");
        }
        if (target.suspect && System.nanoTime() - target.suspectUntilNanos <= 0) {
            return new Move.Stayed("it failed a task a moment ago");
        }
        int infer = place.infer() ? 1 : 0;
        place.target().outstanding--;
        place.target().infer -= infer;
        target.outstanding++;
        target.infer += infer;
        pump();
        return new Move.Moved(target);
    }

    /** Gives a place back. An instance that gave no answer is passed over for a while. */
    void release(Lease lease, Attempt attempt) {
        giveBack(lease, attempt);
        grant();
    }

    private synchronized void giveBack(Lease lease, Attempt attempt) {
        Target target = lease.target();
        target.outstanding--;
        target.infer -= lease.infer() ? 1 : 0;
        switch (attempt) {
            case Attempt.Answered _, Attempt.Refused _ -> target.suspect = false;
            case Attempt.NotTaken _, Attempt.Lost _ -> {
                target.suspect = true;
                target.suspectUntilNanos = System.nanoTime() + SUSPICION.toNanos();
            }
            case Attempt.Expired _, Attempt.Abandoned _ -> {}
        }
        pump();
    }

    /** Draining instances that have no task any more, or never had an address to give one to. */
    synchronized List<Idle> drained() {
        List<Idle> idle = new ArrayList<>();
        set.members()
                .forEach((id, member) -> {
                    Target target = targets.get(id);
                    if (member instanceof Member.Draining
                            && (target == null || target.outstanding == 0)) {
                        idle.add(new Idle(id, member.generation()));
                    }
                });
        return idle;
    }

    /** Routable and draining instances, by id, with what each has in its hands. */
    synchronized List<InstanceLoad> loads() {
        List<InstanceLoad> loads = new ArrayList<>();
        set.members()
                .forEach((id, member) -> {
                    if (member instanceof Member.Routable || member instanceof Member.Draining) {
                        Target target = targets.get(id);
                        loads.add(new InstanceLoad(id, target == null ? 0 : target.outstanding));
                    }
                });
        return loads;
    }

    /** Addresses of routable and draining instances, by id. */
    synchronized Map<String, InstanceAddress> addresses() {
        Map<String, InstanceAddress> addresses = new TreeMap<>();
        set.members()
                .forEach((id, member) -> {
                    InstanceAddress address = addressOf(member);
                    if (address != null) {
                        addresses.put(id, address);
                    }
                });
        return addresses;
    }

    /** Infer tasks that instances have in their hands. */
    synchronized int inferOutstanding() {
        return targets.values().stream().mapToInt(t -> t.infer).sum();
    }

    /** Lets no infer task wait any longer: the places they wait for are cancelled. */
    synchronized void stopWaiting() {
        closed = true;
        waiters.forEach(waiter -> waiter.place().cancel(false));
        waiters.clear();
    }

    @Override
    public void close() {
        stopWaiting();
        List<Target> all;
        synchronized (this) {
            all = List.copyOf(targets.values());
        }
        all.forEach(target -> target.transport.close());
    }

    private static boolean stillServes(Target target, InstanceSet next) {
        Member member = next.members().get(target.instanceId);
        return member != null
                && member.generation() == target.generation
                && target.address.equals(addressOf(member));
    }

    private static @Nullable InstanceAddress addressOf(Member member) {
        return switch (member) {
            case Member.Routable(int _, InstanceAddress address) -> address;
            case Member.Draining(int _, @Nullable InstanceAddress address) -> address;
            case Member.Starting _, Member.Drained _ -> null;
        };
    }

    private void admit(String instanceId, Member member) {
        Target known = targets.get(instanceId);
        if (known != null) {
            known.routable = member instanceof Member.Routable;
        } else if (member instanceof Member.Routable(int generation, InstanceAddress address)) {
            try {
                Transport transport = transports.open(blockId, address);
                Target target = new Target(instanceId, generation, address, transport);
                target.routable = true;
                targets.put(instanceId, target);
            } catch (IllegalArgumentException e) {
                LOG.atError()
                        .addKeyValue("blockId", blockId)
                        .addKeyValue("instanceId", instanceId)
                        .setCause(e)
                        .log("instance gets no tasks: no way to it");
            }
        }
    }

    /** Serves those that wait, oldest first, until no instance is free. */
    private void pump() {
        for (Waiter waiter = waiters.peek(); waiter != null; waiter = waiters.peek()) {
            if (!waiter.place().isDone()) {
                List<Target> free =
                        eligible(
                                t ->
                                        t.infer < inferPerInstance
                                                && t.outstanding < MAX_OUTSTANDING_PER_INSTANCE,
                                waiter.avoid());
                if (free.isEmpty()) {
                    return;
                }
                grants.add(
                        new Grant(waiter.place(), lease(free, waiter.packet(), /* infer= */ true)));
            }
            waiters.poll();
        }
    }

    /**
     * Tells those that got a place, outside the lock. What they do with it may come back here
     * before it returns, so one thread tells them all, one after the other.
     */
    private void grant() {
        if (granting.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Grant next = grants.poll(); next != null; next = grants.poll()) {
                if (!next.place().complete(next.lease())) {
                    giveBack(next.lease(), new Attempt.Abandoned());
                }
            }
            seen = granting.addAndGet(-seen);
        } while (seen != 0);
    }

    private List<Target> eligible(Predicate<Target> free, Set<String> avoid) {
        List<Target> all =
                targets.values().stream().filter(t -> t.routable && free.test(t)).toList();
        List<Target> fresh = all.stream().filter(t -> !avoid.contains(t.instanceId)).toList();
        long now = System.nanoTime();
        List<Target> trusted =
                fresh.stream().filter(t -> !t.suspect || now - t.suspectUntilNanos > 0).toList();
        if (!trusted.isEmpty()) {
            return trusted;
        }
        return fresh.isEmpty() ? all : fresh;
    }

    private Lease lease(List<Target> free, PacketFacts packet, boolean infer) {
        sequence++;
        List<InstanceLoad> candidates =
                free.stream().map(t -> new InstanceLoad(t.instanceId, t.outstanding)).toList();
        String choice = balancer.choose(new Balancer.Question(sequence, packet, candidates));
        Target target =
                free.stream().filter(t -> t.instanceId.equals(choice)).findFirst().orElseThrow();
        target.outstanding++;
        target.infer += infer ? 1 : 0;
        Routing routing =
                Routing.builtIn(balancer.uri(), sequence, set.version(), candidates, choice);
        return new Lease(target, infer, routing);
    }
}
