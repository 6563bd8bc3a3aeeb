package io.blockplane.simulator;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.executor.core.Backpressure;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.NativeBalancer;
import io.blockplane.executor.core.Retries;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SessionQueues;
import io.blockplane.simulator.policy.RoutingAdvisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The executor of the block in virtual time: the production balancer, queue, slow start, limits and
 * back-pressure, put together as the executor's router has them.
 */
final class Dispatcher {

    /** Of a prompt: what {@code load} sends, and close to English text. */
    static final int BYTES_PER_TOKEN = 5;

    /** Ordered tasks in hand and waiting behind their sessions. */
    private static final int MAX_ORDERED = 1_000_000;

    private final Host host;
    private final NativeBalancer balancer;
    private final @Nullable RoutingAdvisor advisor;
    private final Candidates candidates;
    private final Backpressure pressure = new Backpressure();
    private final FairQueue<Task> calls;
    private final SessionQueues<String, Task> sessions = new SessionQueues<>(MAX_ORDERED);
    private final PriorityQueue<Task> orderedWaiting =
            new PriorityQueue<>(Comparator.comparingInt((Task t) -> t.request.index()));
    private long sequence;
    private boolean orderedFirst;
    private List<String> servingIds = List.of();

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
        this.balancer = rules.balancer();
        this.advisor = advisor;
        this.candidates = new Candidates(rules.balancer(), rules.protection());
        this.calls = new FairQueue<>(rules.protection().maxQueued());
        this.sequence = firstPick;
    }

    Candidates candidates() {
        return candidates;
    }

    /** Tasks that were accepted and are not with an instance. */
    int waiting() {
        return calls.size() + sessions.size() - orderedInHand();
    }

    private int orderedInHand() {
        int count = 0;
        for (Target target : candidates.targets().values()) {
            count += target.ordered;
        }
        return count;
    }

    /** Routable and draining instances, by id, with what each has in its hands. */
    List<InstanceLoad> loads() {
        List<InstanceLoad> loads = new ArrayList<>();
        for (Target target : candidates.targets().values()) {
            loads.add(new InstanceLoad(target.instanceId, target.outstanding()));
        }
        return loads;
    }

    /** A request comes in. */
    void arrive(Task task, long nowNanos, Duration left) {
        if (task.request.ordered()) {
            switch (sessions.offer(task.request.session(), task)) {
                case RUN -> {
                    orderedWaiting.add(task);
                    pump(nowNanos);
                }
                case WAIT -> {}
                case FULL -> end(task, Outcome.FAILED, "RESOURCE_EXHAUSTED: too many", nowNanos);
            }
            return;
        }
        call(task, nowNanos, left);
    }

    private void call(Task task, long nowNanos, Duration left) {
        if (!candidates.anyRoutable()) {
            end(task, Outcome.FAILED, "UNAVAILABLE: no instance serves", nowNanos);
            return;
        }
        if (calls.isEmpty() && give(task, nowNanos)) {
            return;
        }
        String session = task.request.session();
        if (pressure.hopeless(calls.ahead(session), left, nowNanos)) {
            end(task, Outcome.FAILED, "RESOURCE_EXHAUSTED: not in time", nowNanos);
            return;
        }
        task.queued = calls.offer(session, task);
        if (task.queued == null) {
            end(task, Outcome.FAILED, "RESOURCE_EXHAUSTED: queue full", nowNanos);
        }
    }

    /** An instance answered. */
    void answered(Target target, Task task, long nowNanos) {
        if (task.ended || task.target != target) {
            return;
        }
        takeBack(target, task, /* answered= */ true, nowNanos);
        pressure.ended(nowNanos, nowNanos - task.givenNanos);
        candidates.completed(
                task.request.tokensIn() * BYTES_PER_TOKEN,
                task.request.tokensIn(),
                task.request.tokensOut());
        end(task, Outcome.COMPLETED, null, nowNanos);
        pump(nowNanos);
    }

    /** The caller has given up. */
    void expire(Task task, long nowNanos) {
        if (task.ended) {
            return;
        }
        FairQueue.Place<Task> queued = task.queued;
        if (queued != null) {
            calls.remove(queued);
        }
        Target target = task.target;
        if (target != null) {
            target.server.cancel(task.request, nowNanos);
            host.woken(target);
            takeBack(target, task, /* answered= */ false, nowNanos);
        }
        end(task, Outcome.EXPIRED, "DEADLINE_EXCEEDED", nowNanos);
        pump(nowNanos);
    }

    /** An instance went away with all it had. */
    void lost(Target target, long nowNanos) {
        candidates.remove(target);
        for (Task task : List.copyOf(target.inHand.values())) {
            takeBack(target, task, /* answered= */ false, nowNanos);
            if (!task.request.ordered()) {
                end(task, Outcome.FAILED, "UNAVAILABLE: the instance was lost", nowNanos);
                continue;
            }
            switch (task.retries.afterLost("instance lost")) {
                case Retries.Verdict.Again(Duration backoff, Retries history) -> {
                    task.retries = history;
                    host.again(task, nowNanos + backoff.toNanos());
                }
                case Retries.Verdict.GiveUp(String reason) ->
                        end(task, Outcome.FAILED, reason, nowNanos);
            }
        }
        pump(nowNanos);
    }

    /** An ordered task wants a place again. */
    void again(Task task, long nowNanos) {
        if (!task.ended) {
            orderedWaiting.add(task);
            pump(nowNanos);
        }
    }

    /** Serves those that wait until no instance is free: of either kind one in turn. */
    void pump(long nowNanos) {
        if (!candidates.anyRoutable()) {
            for (Task call = calls.poll(); call != null; call = calls.poll()) {
                end(call, Outcome.FAILED, "UNAVAILABLE: no instance serves", nowNanos);
            }
            return;
        }
        boolean served = true;
        while (served && (!calls.isEmpty() || !orderedWaiting.isEmpty())) {
            orderedFirst = !orderedFirst;
            served =
                    orderedFirst
                            ? serveOrdered(nowNanos) || serveCall(nowNanos)
                            : serveCall(nowNanos) || serveOrdered(nowNanos);
        }
    }

    private boolean serveOrdered(long nowNanos) {
        Task next = orderedWaiting.peek();
        if (next == null) {
            return false;
        }
        if (next.ended) {
            orderedWaiting.remove();
            return true;
        }
        if (!give(next, nowNanos)) {
            return false;
        }
        orderedWaiting.remove(next);
        return true;
    }

    private boolean serveCall(long nowNanos) {
        Task next = calls.peek();
        if (next == null || !give(next, nowNanos)) {
            return false;
        }
        calls.poll();
        return true;
    }

    /** Gives a task to an instance; false when none is free. */
    private boolean give(Task task, long nowNanos) {
        List<Target> free = candidates.free(task, sequence + 1, nowNanos);
        if (free.isEmpty()) {
            return false;
        }
        sequence++;
        List<InstanceLoad> seen = candidates.loads(free, nowNanos);
        PacketFacts packet = new PacketFacts(task.request.session(), task.request.seqNo());
        String choice = balancer.choose(new Question(sequence, packet, seen));
        Target target = candidates.targets().get(choice);
        if (target == null) {
            throw new IllegalStateException(balancer.uri() + " chose " + choice);
        }
        candidates.picked(target, sequence, seen, nowNanos);
        target = advised(task, target, nowNanos);
        if (!target.server.offer(task.request, nowNanos)) {
            end(task, Outcome.FAILED, "INVALID_ARGUMENT: too large for an instance", nowNanos);
            return true;
        }
        task.target = target;
        task.instanceId = target.instanceId;
        task.queued = null;
        task.attempts++;
        task.givenNanos = nowNanos;
        task.estimatedTokens =
                candidates.estimatedTokens(task.request.tokensIn() * BYTES_PER_TOKEN);
        task.running = target.latency.started(nowNanos);
        target.tokens += task.estimatedTokens;
        target.inHand.put(task.request.index(), task);
        target.ordered += task.request.ordered() ? 1 : 0;
        host.woken(target);
        return true;
    }

    /** Where the block's own balancer moves it to, if it may be there. */
    private Target advised(Task task, Target place, long nowNanos) {
        if (advisor == null) {
            return place;
        }
        List<String> ids = candidates.serving().stream().map(t -> t.instanceId).toList();
        if (!ids.equals(servingIds)) {
            servingIds = ids;
        }
        String choice = advisor.choose(host.epochMs(nowNanos), task.request, servingIds);
        Target moved = choice == null ? null : candidates.targets().get(choice);
        boolean may =
                moved != null
                        && moved.routable
                        && !candidates.full(moved, task.request.ordered())
                        && !candidates.warmsUp(moved, task.request.session(), nowNanos);
        return may && moved != null ? moved : place;
    }

    private void takeBack(Target target, Task task, boolean answered, long nowNanos) {
        target.inHand.remove(task.request.index());
        target.ordered -= task.request.ordered() ? 1 : 0;
        target.tokens -= task.estimatedTokens;
        if (task.running != null) {
            target.latency.ended(task.running, answered, nowNanos);
        }
        task.running = null;
        task.target = null;
    }

    private void end(Task task, Outcome outcome, @Nullable String reason, long nowNanos) {
        task.ended = true;
        host.ended(task, outcome, reason, nowNanos);
        if (task.request.ordered() && !isRefused(reason)) {
            Task next = sessions.finish(task.request.session());
            if (next != null) {
                orderedWaiting.add(next);
            }
        }
    }

    private static boolean isRefused(@Nullable String reason) {
        return reason != null && reason.startsWith("RESOURCE_EXHAUSTED");
    }
}
