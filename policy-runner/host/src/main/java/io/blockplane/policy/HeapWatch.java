package io.blockplane.policy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Says when a call is filling the heap that all policies share. A call is stopped when little is
 * left and the call itself has allocated a good part of all there is: so the one who does it is
 * hit, not the one who is there.
 */
final class HeapWatch {

    /** Used part of the largest heap at which somebody has to go. */
    private static final double NEARLY_FULL = 0.9;

    /**
     * Part of what was free at its start that a call has to have allocated to be the one. Not of
     * the whole heap: where much of that is in use, a call could fill the rest and not be it.
     */
    private static final double OWN_SHARE = 0.5;

    /** Of the heap: when less is free at the start of a call, garbage is collected first. */
    private static final double GARBAGE_SHARE = 0.2;

    /** Less than this is nobody's fault, bytes. */
    private static final long SMALL_BYTES = 32L * 1024 * 1024;

    /** Before calls; a heap that is really full would be collected for each of them. */
    private static final Duration COLLECT_EVERY = Duration.ofSeconds(1);

    private final AtomicLong lastCollected =
            new AtomicLong(System.nanoTime() - COLLECT_EVERY.toNanos());

    private final @Nullable ThreadMXBean threads =
            ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
                            && bean.isThreadAllocatedMemorySupported()
                    ? bean
                    : null;

    /**
     * The start of a call.
     *
     * @param allocatedBytes by its thread until then
     * @param freeBytes before the heap was nearly full
     */
    record Start(@Nullable Thread thread, long allocatedBytes, long freeBytes) {}

    Start start(@Nullable Thread thread) {
        long full = full();
        long last = lastCollected.get();
        if (full - used() < GARBAGE_SHARE * full
                && System.nanoTime() - last > COLLECT_EVERY.toNanos()
                && lastCollected.compareAndSet(last, System.nanoTime())) {
            // What an ended policy left may look as if it were in use.
            System.gc();
        }
        return new Start(thread, allocatedBytes(thread), full - used());
    }

    boolean exhausted(Start start) {
        if (used() <= full()) {
            return false;
        }
        // Nobody is blamed for garbage; meanwhile nobody can make more.
        System.gc();
        return used() > full()
                && allocatedBytes(start.thread) - start.allocatedBytes
                        > Math.max(SMALL_BYTES, OWN_SHARE * start.freeBytes);
    }

    private static long full() {
        return (long) (NEARLY_FULL * Runtime.getRuntime().maxMemory());
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private long allocatedBytes(@Nullable Thread thread) {
        return threads == null || thread == null
                ? 0
                : threads.getThreadAllocatedBytes(thread.threadId());
    }
}
