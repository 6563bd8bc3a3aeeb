package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.core.Backpressure;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.RetryBudget;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SlowStart;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One block's instances: which task goes where, and how many each has in its hands. Tasks wait here
 * for a free instance: infer tasks oldest first, as they are in the inbox; Predict calls in a
 * bounded queue that is fair to sessions. Where both wait, they take turns. Thread safe.
 */
final class Router implements AutoCloseable {

    private final RouterWatch watch;
    private final News news = new News();

    // All below: under this object's lock.
    private final Candidacy candidacy = new Candidacy();
    private final Backpressure pressure = new Backpressure();
    private final InstanceTable instances;
    private final Picker picker;
    private final WaitingRoom waiting;
    private Protection protection = Protection.DEFAULT;
    private RetryBudget budget = budget(protection);
    private List<String> routableIds = List.of();
    private boolean closed;

    Router(String blockId, Transport.Factory transports, int inferPerInstance, RouterWatch watch) {
        this.watch = watch;
        this.instances = new InstanceTable(blockId, transports, candidacy);
        this.picker = new Picker(instances, candidacy, inferPerInstance, this::probe);
        this.waiting =
                new WaitingRoom(picker, news, lease -> giveBack(lease, new Attempt.Abandoned()));
    }

    /** A place at an instance for one task; to be given back by {@link Router#release}. */
    record Lease(
            Target target, boolean infer, Routing routing, String sessionId, Target.Hold hold) {
        String instanceId() {
            return target.instanceId;
        }

        Transport transport() {
            return target.transport;
        }

        /** The same place at another instance, to which it was moved. */
        Lease at(Target moved, Target.Hold held) {
            return new Lease(moved, infer, routing, sessionId, held);
        }

        /** The same place by another decision. */
        Lease routed(Routing decision) {
            return new Lease(target, infer, decision, sessionId, hold);
        }
    }

    /** An instance that has to be reported as drained. */
    record Idle(String instanceId, int generation) {}

    /**
     * Takes over a newer instance set and the rules that hold from its version on: an instance that
     * drains gets nothing from here on.
     */
    void update(InstanceSet next, RoutingRules rules) {
        List<Target> gone;
        synchronized (this) {
            long now = System.nanoTime();
            picker.rule(rules);
            protect(rules.protection());
            gone = instances.update(next, now);
            gone.forEach(picker::forget);
            readmitted(candidacy.members(instances.targets(), now));
            pump(now);
        }
        news.tell();
        for (Target target : gone) {
            target.transport.close();
        }
    }

    /**
     * A place for a Predict call, or one in the queue.
     *
     * @param bytes of its packet
     * @param avoid instances that failed this task already; they get it only if there is no other
     * @param left until its deadline; null when it has none
     */
    Pick tryAcquire(PacketFacts packet, int bytes, Set<String> avoid, @Nullable Duration left) {
        Pick pick = pick(packet, bytes, avoid, left);
        news.tell();
        return pick;
    }

    private synchronized Pick pick(
            PacketFacts packet, int bytes, Set<String> avoid, @Nullable Duration left) {
        long now = System.nanoTime();
        if (!instances.anyRoutable()) {
            return new Pick.NoInstance();
        }
        if (avoid.isEmpty()) {
            budget.requested(now);
        }
        readmitted(candidacy.due(now));
        if (waiting.calls().isEmpty()) {
            List<Target> free = picker.free(packet, avoid, /* infer= */ false, now);
            if (!free.isEmpty()) {
                return new Pick.Picked(picker.lease(free, packet, bytes, /* infer= */ false, now));
            }
        }
        if (left != null
                && pressure.hopeless(waiting.calls().ahead(packet.sessionId()), left, now)) {
            return shed(RouterWatch.Shed.DEADLINE, now);
        }
        boolean behind = !waiting.calls().isEmpty();
        Pick.Waiting call = waiting.call(packet, bytes, avoid);
        if (call == null) {
            return shed(RouterWatch.Shed.QUEUE_FULL, now);
        }
        if (behind) {
            // Those before it may all wait for an instance that it need not wait for.
            pump(now);
        }
        return new Pick.Waits(call);
    }

    /** A Predict call waits no longer. Does nothing when it has its place. */
    void giveUp(Pick.Waiting call) {
        synchronized (this) {
            waiting.remove(call);
        }
        call.place().cancel(false);
    }

    /**
     * A place for an infer task, as soon as there is one; cancelled when the router closes.
     *
     * @param order of those that wait the lowest is served first
     * @param bytes of its packet
     */
    CompletableFuture<Lease> acquire(long order, PacketFacts packet, int bytes, Set<String> avoid) {
        CompletableFuture<Lease> place = new CompletableFuture<>();
        synchronized (this) {
            if (closed) {
                place.cancel(false);
            } else {
                long now = System.nanoTime();
                if (avoid.isEmpty()) {
                    budget.requested(now);
                }
                readmitted(candidacy.due(now));
                waiting.task(order, packet, bytes, avoid, place);
                pump(now);
            }
        }
        news.tell();
        return place;
    }

    /** Whether a repetition may be made now; it is taken out of the block's budget then. */
    boolean mayRetry() {
        boolean may;
        synchronized (this) {
            may = budget.tryRetry(System.nanoTime());
        }
        if (!may) {
            watch.retryRefused();
        }
        return may;
    }

    /** When a caller that is refused now should come again. */
    synchronized Duration retryAfter() {
        return pressure.retryAfter(waiting.calls().size(), System.nanoTime());
    }

    /** All instances that may be routed to, for a task that has a place already. */
    synchronized Candidates candidates(Lease place) {
        List<Target> serving = candidacy.all(instances.targets());
        List<InstanceLoad> loads = new ArrayList<>(serving.size());
        List<String> ids = new ArrayList<>(serving.size());
        for (Target target : serving) {
            int own = target == place.target() ? 1 : 0;
            ids.add(target.instanceId);
            loads.add(new InstanceLoad(target.instanceId, target.outstanding - own));
        }
        if (!ids.equals(routableIds)) {
            routableIds = List.copyOf(ids);
        }
        return new Candidates(instances.version(), routableIds, loads);
    }

    /**
     * Moves a task's place to another instance, if it may be there.
     *
     * @param avoid instances that failed this task already
     */
    Move move(Lease place, String instanceId, Set<String> avoid) {
        Move move = tryMove(place, instanceId, avoid);
        news.tell();
        return move;
    }

    private synchronized Move tryMove(Lease place, String instanceId, Set<String> avoid) {
        Target target = instances.find(instanceId);
        if (target == place.target()) {
            return new Move.Moved(place);
        }
        if (target == null || !target.routable) {
            return new Move.Stayed("it is not routable any more");
        }
        if (picker.full(target, place.infer())) {
            return new Move.Stayed("it has all the tasks that it may have");
        }
        if (avoid.contains(instanceId)) {
            return new Move.Stayed("it failed this task before");
        }
        if (candidacy.isEjected(instanceId)) {
            return new Move.Stayed("it is ejected: it gave no answers");
        }
        long now = System.nanoTime();
        long key = SlowStart.key(place.sessionId());
        if (candidacy.warmsUp(target, instances.targets(), key, now)) {
            return new Move.Stayed("it is new and warms up");
        }
        Target.Hold held = place.hold();
        place.target().giveBack(held, place.infer(), /* answered= */ false, now);
        Target.Hold moved = target.take(place.infer(), held.bytes(), held.tokens(), now);
        pump(now);
        return new Move.Moved(place.at(target, moved));
    }

    /**
     * Gives a place back. An instance that gave no answer may be ejected.
     *
     * @param attempt {@code Expired} when it began and its time ran out, the caller's or ours;
     *     {@code Abandoned} when it never began
     */
    void release(Lease lease, Attempt attempt) {
        giveBack(lease, attempt);
        news.tell();
    }

    private synchronized void giveBack(Lease lease, Attempt attempt) {
        long now = System.nanoTime();
        Target target = lease.target();
        Target.Hold hold = lease.hold();
        if (attempt instanceof Attempt.Expired) {
            target.cutOff(hold, lease.infer(), picker.cutOffUs(target, now), now);
        } else {
            boolean answered = attempt instanceof Attempt.Answered;
            target.giveBack(hold, lease.infer(), answered, now);
        }
        if (attempt instanceof Attempt.Answered answered) {
            pressure.ended(now, now - hold.sinceNanos());
            picker.completed(hold.bytes(), answered);
        }
        // A run that is over says nothing of the one that follows it.
        if (instances.find(target.instanceId) == target) {
            Ejection ejection = candidacy.ended(target.instanceId, attempt, now);
            if (ejection != null) {
                news.add(() -> watch.ejected(ejection));
            }
        }
        pump(now);
    }

    /** Does what time alone brings about; to be called about once a second. */
    void tick() {
        synchronized (this) {
            long now = System.nanoTime();
            readmitted(candidacy.due(now));
            pump(now);
        }
        news.tell();
    }

    /** Predict calls that wait, and instances that are ejected. */
    record Standing(int waiting, int ejected) {}

    synchronized Standing standing() {
        return new Standing(waiting.calls().size(), candidacy.ejected());
    }

    /** Draining instances that have no task any more, or never had an address to give one to. */
    synchronized List<Idle> drained() {
        return instances.drained();
    }

    /** Routable and draining instances, by id, with what each has in its hands. */
    synchronized List<InstanceLoad> loads() {
        return instances.loads();
    }

    /** Addresses of routable and draining instances, by id. */
    synchronized Map<String, InstanceAddress> addresses() {
        return instances.addresses();
    }

    /** Infer tasks that instances have in their hands. */
    synchronized int inferOutstanding() {
        return instances.inferOutstanding();
    }

    /**
     * Lets no infer task wait any longer: the places they wait for are cancelled. Predict calls
     * that wait still get theirs.
     */
    void stopWaiting() {
        List<CompletableFuture<Lease>> places;
        synchronized (this) {
            closed = true;
            places = waiting.removeTasks();
        }
        places.forEach(place -> place.cancel(false));
    }

    @Override
    public void close() {
        stopWaiting();
        List<Target> all;
        synchronized (this) {
            all = List.copyOf(instances.targets());
            all.forEach(target -> target.routable = false);
            waiting.dismissCalls();
        }
        news.tell();
        all.forEach(target -> target.transport.close());
    }

    private void protect(Protection next) {
        if (!next.equals(protection)) {
            candidacy.protect(next);
            waiting.calls().limit(next.maxQueued());
            budget = budget(next);
            protection = next;
        }
    }

    private static RetryBudget budget(Protection protection) {
        return new RetryBudget(protection.retryPercent(), protection.retriesPerSecond());
    }

    private void readmitted(List<Readmission> back) {
        for (Readmission readmission : back) {
            news.add(() -> watch.readmitted(readmission));
        }
    }

    private Pick shed(RouterWatch.Shed why, long nowNanos) {
        news.add(() -> watch.shed(why));
        return new Pick.Shed(
                why, waiting.calls().size(), pressure.retryAfter(waiting.calls().size(), nowNanos));
    }

    private void pump(long nowNanos) {
        if (!instances.anyRoutable()) {
            waiting.dismissCalls();
        }
        waiting.serve(nowNanos);
    }

    /** Asks an instance how busy it is, outside the lock. */
    private void probe(Target target) {
        news.add(() -> target.transport.probe(said -> probed(target, said)));
    }

    private void probed(Target target, Transport.Probed said) {
        synchronized (this) {
            picker.probed(target, said, System.nanoTime());
        }
        if (!(said instanceof Transport.Probed.Unsupported)) {
            watch.probed(said instanceof Transport.Probed.Busy);
        }
    }
}
