package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.InstanceSet;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.routing.Answer;
import io.blockplane.executor.core.routing.Asking;
import io.blockplane.executor.core.routing.BlockRouter;
import io.blockplane.executor.core.routing.Candidates;
import io.blockplane.executor.core.routing.Effects;
import io.blockplane.executor.core.routing.Move;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A {@link BlockRouter} among threads: under one lock, by the machine's clock, with ways to the
 * instances. Those that wait are told outside the lock. Thread safe.
 */
final class Router implements AutoCloseable {

    private final RouterWatch watch;
    private final News news = new News();

    // All below: under this object's lock.
    private final BlockRouter<Target, Waiting.Call, Waiting.Task> routing;
    private final InstanceTable instances;
    private boolean closed;

    Router(String blockId, Transport.Factory transports, int inferPerInstance, RouterWatch watch) {
        this.watch = watch;
        this.routing = new BlockRouter<>(inferPerInstance, /* picksBefore= */ 0, new Told());
        this.instances = new InstanceTable(blockId, transports, routing);
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
            routing.rule(rules);
            gone = instances.update(next, System.nanoTime());
        }
        news.tell();
        gone.forEach(target -> target.transport.close());
    }

    /**
     * A place for a Predict call, or one in the queue.
     *
     * @param left until its deadline; null when it has none
     */
    Answer<Target, Waiting.Call> tryAcquire(Asking asking, @Nullable Duration left) {
        Answer<Target, Waiting.Call> answer;
        synchronized (this) {
            answer = routing.call(asking, Waiting.Call::new, left, System.nanoTime());
        }
        news.tell();
        if (answer instanceof Answer.Shed<?, ?> shed) {
            watch.shed(shed.why());
        }
        return answer;
    }

    /** A Predict call waits no longer. Does nothing when it has its place. */
    void giveUp(FairQueue.Place<Waiting.Call> queued) {
        synchronized (this) {
            routing.giveUp(queued, System.nanoTime());
        }
        queued.task().cancel(false);
        news.tell();
    }

    /**
     * A place for an infer task, as soon as there is one; cancelled when the router closes.
     *
     * @param order of those that wait the lowest is served first
     * @param bytes of its packet
     */
    CompletableFuture<Place<Target>> acquire(
            long order, PacketFacts packet, int bytes, Set<String> avoid) {
        Waiting.Task task = new Waiting.Task(packet, bytes, avoid);
        synchronized (this) {
            if (closed) {
                task.cancel(false);
            } else {
                routing.task(order, task, System.nanoTime());
            }
        }
        news.tell();
        return task;
    }

    /** Whether a repetition may be made now; it is taken out of the block's budget then. */
    boolean mayRetry() {
        boolean may;
        synchronized (this) {
            may = routing.mayRetry(System.nanoTime());
        }
        if (!may) {
            watch.retryRefused();
        }
        return may;
    }

    /** When a caller that is refused now should come again. */
    synchronized Duration retryAfter() {
        return routing.retryAfter(System.nanoTime());
    }

    /** All instances that may be routed to, for a task that has a place already. */
    synchronized Candidates candidates(Place<Target> place) {
        return routing.candidates(place);
    }

    /**
     * Moves a task's place to another instance, if it may be there.
     *
     * @param avoid instances that failed this task already
     */
    Move<Target> move(Place<Target> place, String instanceId, Set<String> avoid) {
        Move<Target> move;
        synchronized (this) {
            move = routing.move(place, instanceId, avoid, System.nanoTime());
        }
        news.tell();
        return move;
    }

    /**
     * Gives a place back. An instance that gave no answer may be ejected.
     *
     * @param attempt {@code Expired} when it began and its time ran out, the caller's or ours;
     *     {@code Abandoned} when it never began
     */
    void release(Place<Target> place, Attempt attempt) {
        giveBack(place, attempt);
        news.tell();
    }

    private synchronized void giveBack(Place<Target> place, Attempt attempt) {
        long now = System.nanoTime();
        switch (attempt) {
            case Attempt.Answered answered ->
                    routing.answered(place, answered.inputTokens(), answered.outputTokens(), now);
            case Attempt.NotTaken(String detail) -> routing.failed(place, detail, now);
            case Attempt.Lost(String detail) -> routing.failed(place, detail, now);
            case Attempt.Refused(Status status) -> {
                if (isInstancesFault(status)) {
                    String detail = status.getCode() + ": " + status.getDescription();
                    routing.failed(place, detail, now);
                } else {
                    routing.refused(place, now);
                }
            }
            case Attempt.Expired _ -> routing.expired(place, now);
            case Attempt.Abandoned _ -> routing.abandoned(place, now);
        }
    }

    /** As far as can be told from here. */
    private static boolean isInstancesFault(Status status) {
        return switch (status.getCode()) {
            case UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS -> true;
            case OK,
                    CANCELLED,
                    INVALID_ARGUMENT,
                    DEADLINE_EXCEEDED,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    UNAUTHENTICATED ->
                    false;
        };
    }

    /** Does what time alone brings about; to be called about once a second. */
    void tick() {
        synchronized (this) {
            routing.tick(System.nanoTime());
        }
        news.tell();
    }

    /** Predict calls that wait, and instances that are ejected. */
    record Standing(int waiting, int ejected) {}

    synchronized Standing standing() {
        return new Standing(routing.waitingCalls(), routing.ejected());
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
        return routing.inferOutstanding();
    }

    /**
     * Lets no infer task wait any longer: the places they wait for are cancelled. Predict calls
     * that wait still get theirs.
     */
    void stopWaiting() {
        List<Waiting.Task> tasks;
        synchronized (this) {
            closed = true;
            tasks = routing.removeTasks();
        }
        tasks.forEach(task -> task.cancel(false));
    }

    @Override
    public void close() {
        stopWaiting();
        List<Target> all;
        synchronized (this) {
            all = instances.close(System.nanoTime());
        }
        news.tell();
        all.forEach(target -> target.transport.close());
    }

    private void probed(Target target, Transport.Probed said) {
        synchronized (this) {
            switch (said) {
                case Transport.Probed.Busy(int inFlight, long latencyUs) ->
                        routing.probed(target, inFlight, latencyUs, System.nanoTime());
                case Transport.Probed.Silent() -> routing.notProbed(target, /* probeable= */ true);
                case Transport.Probed.Unsupported() ->
                        routing.notProbed(target, /* probeable= */ false);
            }
        }
        if (!(said instanceof Transport.Probed.Unsupported)) {
            watch.probed(said instanceof Transport.Probed.Busy);
        }
    }

    /** Under the lock; what is to be done about it is news. */
    private final class Told implements Effects<Target, Waiting.Call, Waiting.Task> {

        @Override
        public void callPlaced(Waiting.Call call, Place<Target> place) {
            news.add(() -> {
                if (!call.complete(new Answer.Placed<>(place))) {
                    giveBack(place, new Attempt.Abandoned());
                }
            });
        }

        @Override
        public void callDismissed(Waiting.Call call) {
            news.add(() -> call.complete(new Answer.NoInstance<>()));
        }

        @Override
        public void taskPlaced(Waiting.Task task, Place<Target> place) {
            news.add(() -> {
                if (!task.complete(place)) {
                    giveBack(place, new Attempt.Abandoned());
                }
            });
        }

        @Override
        public void probe(Target target) {
            news.add(() -> target.transport.probe(said -> probed(target, said)));
        }

        @Override
        public void ejected(Ejection ejection) {
            news.add(() -> watch.ejected(ejection));
        }

        @Override
        public void readmitted(Readmission readmission) {
            news.add(() -> watch.readmitted(readmission));
        }
    }
}
