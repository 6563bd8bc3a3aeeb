package io.blockplane.simulator;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.Retries;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SessionQueues;
import io.blockplane.executor.core.routing.Answer;
import io.blockplane.executor.core.routing.BlockRouter;
import io.blockplane.executor.core.routing.Effects;
import io.blockplane.executor.core.routing.Move;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.simulator.policy.RoutingAdvisor;
import io.blockplane.simulator.workload.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The executor of the block in virtual time: the production's router, and around it what the
 * executor does with a task, from place to place, until it ends.
 */
final class Dispatcher {

    /** Ordered tasks in hand and waiting behind their sessions. */
    private static final int MAX_ORDERED = 1_000_000;

    private static final String NO_INSTANCE = "UNAVAILABLE: no instance serves";
    private static final String LOST = "the instance was lost";

    private final Host host;
    private final @Nullable RoutingAdvisor advisor;
    private final BlockRouter<Target, Task, Task> router;
    private final SessionQueues<String, Task> sessions = new SessionQueues<>(MAX_ORDERED);

    /** What the router told and is not done yet. */
    private final Queue<LongConsumer> told = new ArrayDeque<>();

    private boolean settling;

    /** What is around it. */
    interface Host {
        /** The epoch time of a moment. */
        long epochMs(long nowNanos);

        /** The task has ended. */
        void ended(Task task, Outcome outcome, @Nullable String reason, long nowNanos);

        /** The instance's work has changed. */
        void woken(Target target);

        /** The task is to be tried again then. */
        void again(Task task, long atNanos);
    }

    Dispatcher(Host host, RoutingRules rules, @Nullable RoutingAdvisor advisor, long firstPick) {
        this.host = host;
        this.advisor = advisor;
        this.router =
                new BlockRouter<>(BlockRouter.DEFAULT_INFER_PER_INSTANCE, firstPick, new Told());
        router.rule(rules);
    }

    // Instances.

    /**
     * An instance serves.
     *
     * @param sinceNanos it warms up from then on
     */
    void serves(Target target, long sinceNanos, long version, long nowNanos) {
        router.admit(target, sinceNanos);
        changed(version, nowNanos);
    }

    /** An instance gets no more. */
    void drains(Target target, long version, long nowNanos) {
        router.routable(target, false);
        changed(version, nowNanos);
    }

    /** An instance is no more. */
    void gone(Target target, long version, long nowNanos) {
        router.remove(target);
        changed(version, nowNanos);
    }

    private void changed(long version, long nowNanos) {
        router.changed(version, nowNanos);
        settle(nowNanos);
    }

    /** Null when none of this id serves or drains. */
    @Nullable Target find(String instanceId) {
        return router.find(instanceId);
    }

    /** Instances that may be routed to, by id. */
    List<Target> serving() {
        return router.instances().stream().filter(Target::isRoutable).toList();
    }

    /** Routable and draining instances, by id, with what each has in its hands. */
    List<InstanceLoad> loads() {
        List<InstanceLoad> loads = new ArrayList<>();
        for (Target target : router.instances()) {
            loads.add(new InstanceLoad(target.instanceId(), target.outstanding()));
        }
        return loads;
    }

    /** Tasks that are not with an instance: accepted ones, and calls that wait. */
    int waiting() {
        return sessions.size() - router.inferOutstanding() + router.waitingCalls();
    }

    // Tasks.

    /** A request comes in. */
    void arrive(Task task, long nowNanos) {
        if (!task.request.ordered()) {
            call(task, nowNanos);
        } else {
            switch (sessions.offer(task.request.session(), task)) {
                case RUN -> ordered(task, nowNanos);
                case WAIT -> {}
                case FULL -> ended(task, Outcome.FAILED, "RESOURCE_EXHAUSTED: too many", nowNanos);
            }
        }
        settle(nowNanos);
    }

    /** An ordered task wants a place, perhaps again. */
    void ordered(Task task, long nowNanos) {
        router.task(task.request.index(), task, nowNanos);
        settle(nowNanos);
    }

    private void call(Task task, long nowNanos) {
        Answer<Target, Task> answer = router.call(task, _ -> task, task.left(nowNanos), nowNanos);
        settle(nowNanos);
        switch (answer) {
            case Answer.Placed(Place<Target> place) -> give(task, place, nowNanos);
            case Answer.Waits(FairQueue.Place<Task> queued) -> task.queued = queued;
            case Answer.NoInstance() -> end(task, Outcome.FAILED, NO_INSTANCE, nowNanos);
            case Answer.Shed(Answer.Why why, _, _) ->
                    end(task, Outcome.FAILED, "RESOURCE_EXHAUSTED: " + why, nowNanos);
        }
    }

    /** Gives a task to the instance at which it has a place. */
    private void give(Task task, Place<Target> found, long nowNanos) {
        Place<Target> place = advised(task, found, nowNanos);
        Target target = place.instance();
        task.given(place, nowNanos);
        if (target.broken) {
            notTaken(task, place, nowNanos);
        } else if (target.server.offer(task.request, nowNanos)) {
            task.place = place;
            target.inHand.put(task.request.index(), task);
            host.woken(target);
        } else {
            router.refused(place, nowNanos);
            settle(nowNanos);
            String reason = "INVALID_ARGUMENT: too large for an instance";
            end(task, Outcome.FAILED, reason, nowNanos);
        }
    }

    /** Where the block's own balancer moves it to, if it may be there. */
    private Place<Target> advised(Task task, Place<Target> place, long nowNanos) {
        List<String> ids = advisor == null ? List.of() : router.candidates(place).ids();
        if (advisor == null || ids.isEmpty()) {
            return place;
        }
        String choice = advisor.choose(host.epochMs(nowNanos), task.request, ids);
        if (choice == null) {
            return place;
        }
        return switch (router.move(place, choice, task.avoid(), nowNanos)) {
            case Move.Moved(Place<Target> moved) -> moved;
            case Move.Stayed(_) -> place;
        };
    }

    /** An instance answered. */
    void answered(Target target, Request request, long nowNanos) {
        Task task = target.inHand.remove(request.index());
        if (task == null) {
            return;
        }
        router.answered(taken(task), request.tokensIn(), request.tokensOut(), nowNanos);
        settle(nowNanos);
        end(task, Outcome.COMPLETED, null, nowNanos);
        settle(nowNanos);
    }

    /** The caller has given up. */
    void expire(Task task, long nowNanos) {
        if (task.ended) {
            return;
        }
        if (task.queued != null) {
            router.giveUp(task.queued, nowNanos);
            settle(nowNanos);
        }
        if (task.place != null) {
            Place<Target> place = taken(task);
            place.instance().inHand.remove(task.request.index());
            place.instance().server.cancel(task.request, nowNanos);
            host.woken(place.instance());
            router.expired(place, nowNanos);
            settle(nowNanos);
        }
        end(task, Outcome.EXPIRED, "DEADLINE_EXCEEDED", nowNanos);
        settle(nowNanos);
    }

    /**
     * An instance broke with all it had. What it gets until the instance set says so, it does not
     * take.
     */
    void broken(Target target, long nowNanos) {
        target.broken = true;
        List<Task> lost = List.copyOf(target.inHand.values());
        target.inHand.clear();
        for (Task task : lost) {
            Place<Target> place = taken(task);
            router.failed(place, LOST, nowNanos);
            settle(nowNanos);
            if (task.request.ordered()) {
                again(task, place, task.retries.afterLost(LOST), nowNanos);
            } else {
                end(task, Outcome.FAILED, "UNAVAILABLE: " + LOST, nowNanos);
            }
        }
        settle(nowNanos);
    }

    private void notTaken(Task task, Place<Target> place, long nowNanos) {
        String reason = place.instanceId() + " did not take it";
        router.failed(place, reason, nowNanos);
        settle(nowNanos);
        if (task.request.ordered()) {
            Instant now = Instant.ofEpochMilli(host.epochMs(nowNanos));
            again(task, place, task.retries.afterNotTaken(now, reason), nowNanos);
            return;
        }
        task.avoids(place.instanceId());
        // The first repetition of what no instance has seen is free.
        boolean may = task.attempts == 1 || router.mayRetry(nowNanos);
        if (may && task.attempts < BlockRouter.MAX_CALL_ATTEMPTS) {
            call(task, nowNanos);
        } else {
            end(task, Outcome.FAILED, "UNAVAILABLE: " + reason, nowNanos);
        }
    }

    /** An ordered task that had no answer. */
    private void again(Task task, Place<Target> place, Retries.Verdict verdict, long nowNanos) {
        switch (verdict) {
            case Retries.Verdict.GiveUp(String reason) ->
                    end(task, Outcome.FAILED, reason, nowNanos);
            case Retries.Verdict.Again(Duration backoff, Retries history) -> {
                task.retries = history;
                task.avoids(place.instanceId());
                // It is accepted, so it is repeated all the same, only not so soon.
                boolean soon = history.notTaken() == 1 || router.mayRetry(nowNanos);
                Duration pause = soon ? backoff : Retries.MAX_BACKOFF;
                host.again(task, nowNanos + pause.toNanos());
            }
        }
    }

    /** Does what time alone brings about. */
    void tick(long nowNanos) {
        router.tick(nowNanos);
        settle(nowNanos);
    }

    private static Place<Target> taken(Task task) {
        Place<Target> place = task.place;
        if (place == null) {
            throw new IllegalStateException("task " + task.request.index() + " has no place");
        }
        task.place = null;
        return place;
    }

    private void end(Task task, Outcome outcome, @Nullable String reason, long nowNanos) {
        ended(task, outcome, reason, nowNanos);
        if (task.request.ordered()) {
            Task next = sessions.finish(task.request.session());
            if (next != null) {
                ordered(next, nowNanos);
            }
        }
    }

    private void ended(Task task, Outcome outcome, @Nullable String reason, long nowNanos) {
        task.ended = true;
        host.ended(task, outcome, reason, nowNanos);
    }

    /**
     * Does what the router told, in its order and after the operation in which it did: as the
     * executor does, which tells outside its lock. What is done may bring about more.
     */
    private void settle(long nowNanos) {
        if (settling) {
            return;
        }
        settling = true;
        for (LongConsumer next = told.poll(); next != null; next = told.poll()) {
            next.accept(nowNanos);
        }
        settling = false;
    }

    private final class Told implements Effects<Target, Task, Task> {

        @Override
        public void callPlaced(Task call, Place<Target> place) {
            told.add(now -> give(call, place, now));
        }

        @Override
        public void callDismissed(Task call) {
            told.add(now -> end(call, Outcome.FAILED, NO_INSTANCE, now));
        }

        @Override
        public void taskPlaced(Task task, Place<Target> place) {
            told.add(now -> give(task, place, now));
        }

        /** A modelled instance answers at once. */
        @Override
        public void probe(Target target) {
            told.add(now -> {
                if (target.broken) {
                    router.notProbed(target, /* probeable= */ true);
                } else {
                    router.probed(target, target.outstanding(), target.latencyUs(now), now);
                }
            });
        }

        /** It shows in where tasks go. */
        @Override
        public void ejected(Ejection ejection) {}

        @Override
        public void readmitted(Readmission readmission) {}
    }
}
