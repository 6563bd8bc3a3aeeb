package io.blockplane.policy;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one policy object. The caller waits for a call, but never longer than its limit: a
 * call that does not end is left to itself, and the lane is of no use any more.
 */
final class Lane {

    /** Python recursion goes as deep as this lets it: some 3,000 calls, bytes. */
    private static final long STACK_BYTES = 16L * 1024 * 1024;

    /** How often a waiting caller looks at the heap. */
    private static final Duration LOOK = Duration.ofMillis(10);

    private final ExecutorService executor;
    private final HeapWatch heap;
    private volatile @Nullable Thread thread;

    Lane(String name, HeapWatch heap) {
        this.heap = heap;
        this.executor = Executors.newSingleThreadExecutor(worker -> start(name, worker));
    }

    private Thread start(String name, Runnable worker) {
        Thread started =
                Thread.ofPlatform().daemon().name(name).stackSize(STACK_BYTES).unstarted(worker);
        thread = started;
        return started;
    }

    /** How a call on the lane ended, seen from the caller. */
    sealed interface Ended<T> {
        record Done<T>(T value) implements Ended<T> {}

        record Threw<T>(Throwable error) implements Ended<T> {}

        /**
         * It did not end, or must not go on: the lane is lost.
         *
         * @param late its time was up; otherwise it took too much of the heap or the caller was
         *     interrupted
         */
        record Lost<T>(boolean late, String reason) implements Ended<T> {}
    }

    /** Runs a call on the lane's thread and waits for it. */
    <T> Ended<T> run(Callable<T> call, Duration limit) {
        Future<T> future;
        try {
            future = executor.submit(call);
        } catch (RejectedExecutionException _) {
            return new Ended.Lost<>(false, "the policy is closed");
        }
        HeapWatch.Start start = heap.start(thread);
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            try {
                return new Ended.Done<>(
                        future.get(Math.clamp(left, 0, LOOK.toNanos()), TimeUnit.NANOSECONDS));
            } catch (ExecutionException e) {
                return new Ended.Threw<>(e.getCause() == null ? e : e.getCause());
            } catch (TimeoutException _) {
                if (left <= 0) {
                    return new Ended.Lost<>(true, "no result within " + limit.toMillis() + " ms");
                }
                if (heap.exhausted(start)) {
                    return new Ended.Lost<>(false, "the heap is nearly full");
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return new Ended.Lost<>(false, "interrupted while waiting for the policy");
            }
        }
    }

    /**
     * Hands a task to the lane's thread without waiting for it.
     *
     * @return whether it was taken; not when the lane is closed
     */
    boolean execute(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** Lets the thread end once it is idle. */
    void close() {
        executor.shutdown();
    }

    /** Null before the first call. */
    @Nullable Thread thread() {
        return thread;
    }
}
