package io.blockplane.policy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One call that a thread hands to a lane and waits for, with as little between them as can be: no
 * future, no lock, one wake-up. It is either answered, or never begun, or late; never two of them.
 *
 * <p>Late is a call that is not done within its limit, and then uses half of its limit in processor
 * time, or {@link RoutingLimits#WALL_FACTOR} times the limit in wall time: a machine that stands
 * still for a moment is not the policy's fault.
 */
abstract class RoutingTurn implements Runnable {

    private static final int NEW = 0;
    private static final int RUNNING = 1;
    private static final int DONE = 2;
    private static final int NEVER = 3;
    private static final int LATE = 4;

    /** How often a late call is looked at. */
    private static final long LOOK_NANOS = Duration.ofMillis(2).toNanos();

    private final CpuTime cpu;
    private final Lane lane;
    private final long limitNanos;
    private final Thread caller = Thread.currentThread();
    private final AtomicInteger state = new AtomicInteger(NEW);
    private volatile long startedNanos;
    private @Nullable Routed answer;

    RoutingTurn(CpuTime cpu, Lane lane, Duration limit) {
        this.cpu = cpu;
        this.lane = lane;
        this.limitNanos = limit.toNanos();
    }

    /** On the lane's thread. */
    abstract Routed call();

    /** On the lane's thread: the call ended with an exception of the host's. */
    abstract Routed broken(String reason);

    /** On the caller's thread: the call is given up, and goes on on the lane's thread. */
    abstract Routed late(String reason);

    @Override
    public void run() {
        startedNanos = System.nanoTime();
        if (!state.compareAndSet(NEW, RUNNING)) {
            return;
        }
        Routed result;
        try {
            result = call();
        } catch (RuntimeException | Error e) {
            result = broken("the sandbox failed: " + e);
        }
        answer = result;
        if (state.compareAndSet(RUNNING, DONE)) {
            LockSupport.unpark(caller);
        }
    }

    /** The answer; on the caller's thread. An interrupt does not end the wait, which is short. */
    Routed await() {
        long queuedNanos = System.nanoTime();
        boolean interrupted = false;
        Lateness lateness = null;
        try {
            while (true) {
                long waitNanos;
                switch (state.get()) {
                    case DONE -> {
                        return java.util.Objects.requireNonNull(answer);
                    }
                    case NEW -> {
                        waitNanos = limitNanos - (System.nanoTime() - queuedNanos);
                        if (waitNanos <= 0 && state.compareAndSet(NEW, NEVER)) {
                            return new Routed.NotCalled(
                                    "the policy was busy for " + limitNanos / 1_000_000 + " ms");
                        }
                    }
                    default -> {
                        long ran = System.nanoTime() - startedNanos;
                        waitNanos = limitNanos - ran;
                        if (waitNanos <= 0) {
                            lateness = lateness == null ? lateness() : lateness;
                            if (lateness.over(ran) && state.compareAndSet(RUNNING, LATE)) {
                                return late("no result within " + limitNanos / 1_000_000 + " ms");
                            }
                            waitNanos = LOOK_NANOS;
                        }
                    }
                }
                LockSupport.parkNanos(this, Math.max(waitNanos, 1));
                interrupted |= Thread.interrupted();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Lateness lateness() {
        return new Lateness(cpu.nanos(lane.thread()));
    }

    private final class Lateness {
        private final long cpuAtLimit;

        Lateness(long cpuAtLimit) {
            this.cpuAtLimit = cpuAtLimit;
        }

        boolean over(long ranNanos) {
            return ranNanos > RoutingLimits.WALL_FACTOR * limitNanos
                    || cpu.nanos(lane.thread()) - cpuAtLimit > limitNanos / 2;
        }
    }
}
