package io.blockplane.executor.core.routing;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.Backpressure;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.RetryBudget;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SlowStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One block's instances: which task goes where, and how many each has in its hands. Tasks wait here
 * for a free instance: infer tasks oldest first, as they are in the inbox; Predict calls in a
 * bounded queue that is fair to sessions. Where both wait, they take turns.
 *
 * <p>Time is an argument and never goes back. What an operation brings about for others is told to
 * {@link Effects}. Not thread safe: it belongs to one owner, who brings his own lock.
 *
 * @param <C> a call
 * @param <T> an infer task
 */
public final class BlockRouter<I extends RoutedInstance, C extends Asking, T extends Asking> {

    /** Infer tasks that an instance has at once, unless an executor is told otherwise. */
    public static final int DEFAULT_INFER_PER_INSTANCE = 16;

    /** Attempts for one call, each but the last not taken by its instance. */
    public static final int MAX_CALL_ATTEMPTS = 3;

    private final Effects<I, C, T> effects;
    private final Instances<I> instances = new Instances<>();
    private final Candidacy<I> candidacy;
    private final Backpressure pressure = new Backpressure();
    private final Picker<I> picker;
    private final WaitingRoom<I, C, T> waiting;
    private Protection protection = Protection.DEFAULT;
    private RetryBudget budget = budget(protection);
    private List<String> routableIds = List.of();

    /**
     * Begins with no instances and the default rules.
     *
     * @param inferPerInstance infer tasks that an instance has at once
     * @param picksBefore the balancer's sequence goes on from here
     */
    public BlockRouter(int inferPerInstance, long picksBefore, Effects<I, C, T> effects) {
        this.effects = effects;
        this.candidacy = new Candidacy<>(inferPerInstance);
        this.picker = new Picker<>(instances, candidacy, picksBefore, effects);
        this.waiting = new WaitingRoom<>(picker, effects);
    }

    // What there is: after a change of it, changed.

    /** Other rules from now on. */
    public void rule(RoutingRules rules) {
        picker.rule(rules);
        Protection next = rules.protection();
        if (!next.equals(protection)) {
            candidacy.protect(next);
            waiting.calls().limit(next.maxQueued());
            budget = budget(next);
            protection = next;
        }
    }

    /**
     * An instance may be routed to.
     *
     * @param sinceNanos it warms up from then on
     */
    public void admit(I instance, long sinceNanos) {
        instances.add(instance);
        candidacy.begin(instance.instanceId(), sinceNanos);
    }

    /** An instance gets tasks, or drains and finishes those it has. */
    public void routable(I instance, boolean routable) {
        instance.routable = routable;
    }

    /** A run of an instance is over; the tasks that it has are given back by those that know. */
    public void remove(I instance) {
        instances.remove(instance);
        candidacy.forget(instance.instanceId());
        picker.forget(instance);
    }

    /**
     * Rules and instances are as they are to be now.
     *
     * @param version of the instance set that they are from
     */
    public void changed(long version, long nowNanos) {
        instances.version(version);
        readmitted(candidacy.members(instances.all(), nowNanos));
        pump(nowNanos);
    }

    /** Those that may be routed to and those that drain, by id. */
    public Collection<I> instances() {
        return Collections.unmodifiableCollection(instances.all());
    }

    public @Nullable I find(String instanceId) {
        return instances.find(instanceId);
    }

    // Places.

    /**
     * A place for a Predict call, or one in the queue.
     *
     * @param waits makes of it what waits, if it has to: most need not
     * @param left until its deadline; null when it has none
     */
    public Answer<I, C> call(
            Asking call, Function<Asking, C> waits, @Nullable Duration left, long nowNanos) {
        if (!instances.anyRoutable()) {
            return new Answer.NoInstance<>();
        }
        requested(call, nowNanos);
        String session = call.packet().sessionId();
        FairQueue<C> calls = waiting.calls();
        // What is free now is wanted by none of the calls whose turn it is.
        if (!calls.waits(session)) {
            List<I> free = picker.free(call.packet(), call.avoid(), /* infer= */ false, nowNanos);
            if (!free.isEmpty()) {
                return new Answer.Placed<>(picker.place(free, call, /* infer= */ false, nowNanos));
            }
        }
        if (left != null && pressure.hopeless(calls.ahead(session), left, nowNanos)) {
            return shed(Answer.Why.DEADLINE, nowNanos);
        }
        FairQueue.Place<C> queued = calls.isFull() ? null : calls.offer(session, waits.apply(call));
        return queued == null ? shed(Answer.Why.QUEUE_FULL, nowNanos) : new Answer.Waits<>(queued);
    }

    /** A Predict call waits no longer. Does nothing when it has its place. */
    public void giveUp(FairQueue.Place<C> queued, long nowNanos) {
        if (waiting.calls().remove(queued)) {
            // The next one of its session may go where it did not want to.
            pump(nowNanos);
        }
    }

    /**
     * An infer task wants a place, and gets it as soon as there is one.
     *
     * @param order of those that wait the lowest is served first
     */
    public void task(long order, T task, long nowNanos) {
        waiting.task(order, task);
        requested(task, nowNanos);
        pump(nowNanos);
    }

    /** Takes out all infer tasks that wait. */
    public List<T> removeTasks() {
        return waiting.removeTasks();
    }

    /** All instances that may be routed to, for a task that has a place already. */
    public Candidates candidates(Place<I> place) {
        List<I> serving = candidacy.all(instances.all());
        List<InstanceLoad> loads = new ArrayList<>(serving.size());
        List<String> ids = new ArrayList<>(serving.size());
        for (I instance : serving) {
            int own = instance.equals(place.instance()) ? 1 : 0;
            ids.add(instance.instanceId());
            loads.add(new InstanceLoad(instance.instanceId(), instance.outstanding - own));
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
    public Move<I> move(Place<I> place, String instanceId, Set<String> avoid, long nowNanos) {
        I instance = instances.find(instanceId);
        if (place.instance().equals(instance)) {
            return new Move.Moved<>(place);
        }
        if (instance == null || !instance.routable) {
            return new Move.Stayed<>("it is not routable any more");
        }
        if (candidacy.full(instance, place.infer())) {
            return new Move.Stayed<>("it has all the tasks that it may have");
        }
        if (avoid.contains(instanceId)) {
            return new Move.Stayed<>("it failed this task before");
        }
        if (candidacy.isEjected(instanceId)) {
            return new Move.Stayed<>("it is ejected: it gave no answers");
        }
        long key = SlowStart.key(place.sessionId());
        if (candidacy.warmsUp(instance, instances.all(), key, nowNanos)) {
            return new Move.Stayed<>("it is new and warms up");
        }
        RoutedInstance.Hold held = place.hold();
        place.instance().giveBack(held, place.infer(), /* answered= */ false, nowNanos);
        RoutedInstance.Hold moved =
                instance.take(place.infer(), held.bytes(), held.tokens(), nowNanos);
        pump(nowNanos);
        return new Move.Moved<>(place.at(instance, moved));
    }

    // How attempts end: each gives its place back, and says something of its instance.

    /** The instance answered. */
    public void answered(Place<I> place, long inputTokens, long outputTokens, long nowNanos) {
        RoutedInstance.Hold hold = place.hold();
        place.instance().giveBack(hold, place.infer(), /* answered= */ true, nowNanos);
        pressure.ended(nowNanos, nowNanos - hold.sinceNanos());
        picker.completed(hold.bytes(), inputTokens, outputTokens);
        if (instances.has(place.instance())) {
            candidacy.answered(place.instanceId(), nowNanos);
        }
        pump(nowNanos);
    }

    /** The instance gave no answer, or one that is its own fault: it may be ejected. */
    public void failed(Place<I> place, String detail, long nowNanos) {
        place.instance().giveBack(place.hold(), place.infer(), /* answered= */ false, nowNanos);
        // A run that is over says nothing of the one that follows it.
        if (instances.has(place.instance())) {
            Ejection ejection = candidacy.failed(place.instanceId(), detail, nowNanos);
            if (ejection != null) {
                effects.ejected(ejection);
            }
        }
        pump(nowNanos);
    }

    /** The instance said no, for the task's own fault. */
    public void refused(Place<I> place, long nowNanos) {
        place.instance().giveBack(place.hold(), place.infer(), /* answered= */ false, nowNanos);
        if (instances.has(place.instance())) {
            candidacy.answered(place.instanceId(), nowNanos);
        }
        pump(nowNanos);
    }

    /** It began, and its time ran out: the instance is slow, which is the balancer's affair. */
    public void expired(Place<I> place, long nowNanos) {
        I instance = place.instance();
        long atLeastUs = picker.cutOffUs(instance, nowNanos);
        instance.cutOff(place.hold(), place.infer(), atLeastUs, nowNanos);
        pump(nowNanos);
    }

    /** It never began, or was given up early: that says nothing of the instance. */
    public void abandoned(Place<I> place, long nowNanos) {
        place.instance().giveBack(place.hold(), place.infer(), /* answered= */ false, nowNanos);
        pump(nowNanos);
    }

    /** Whether a repetition may be made now; it is taken out of the block's budget then. */
    public boolean mayRetry(long nowNanos) {
        return budget.tryRetry(nowNanos);
    }

    // Time, and what others say of instances.

    /** Does what time alone brings about; to be called about once a second. */
    public void tick(long nowNanos) {
        due(nowNanos);
        pump(nowNanos);
    }

    /** An instance said how busy it is. */
    public void probed(I instance, int inFlight, long latencyUs, long nowNanos) {
        picker.probed(instance, inFlight, latencyUs, nowNanos);
    }

    /**
     * An instance did not say how busy it is.
     *
     * @param probeable whether it may be asked again
     */
    public void notProbed(I instance, boolean probeable) {
        instance.probing = false;
        instance.probeable = probeable;
    }

    // How things stand.

    /** When a caller that is refused now should come again. */
    public Duration retryAfter(long nowNanos) {
        return pressure.retryAfter(waiting.calls().size(), nowNanos);
    }

    /** Predict calls that wait. */
    public int waitingCalls() {
        return waiting.calls().size();
    }

    /** Instances that are ejected. */
    public int ejected() {
        return candidacy.ejected();
    }

    /** Infer tasks that instances have in their hands. */
    public int inferOutstanding() {
        int sum = 0;
        for (I instance : instances.all()) {
            sum += instance.infer;
        }
        return sum;
    }

    private void requested(Asking asking, long nowNanos) {
        if (asking.avoid().isEmpty()) {
            // Else it is a repetition.
            budget.requested(nowNanos);
        }
        due(nowNanos);
    }

    /** Those that wait come before whoever is served next at an instance that comes back. */
    private void due(long nowNanos) {
        List<Readmission> back = candidacy.due(nowNanos);
        if (!back.isEmpty()) {
            readmitted(back);
            pump(nowNanos);
        }
    }

    private void readmitted(List<Readmission> back) {
        for (Readmission readmission : back) {
            effects.readmitted(readmission);
        }
    }

    private Answer<I, C> shed(Answer.Why why, long nowNanos) {
        return new Answer.Shed<>(why, waiting.calls().size(), retryAfter(nowNanos));
    }

    private void pump(long nowNanos) {
        if (!instances.anyRoutable()) {
            waiting.dismissCalls();
        }
        waiting.serve(nowNanos);
    }

    private static RetryBudget budget(Protection protection) {
        return new RetryBudget(protection.retryPercent(), protection.retriesPerSecond());
    }
}
