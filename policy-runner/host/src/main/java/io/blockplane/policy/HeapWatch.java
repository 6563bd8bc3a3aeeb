package io.blockplane.policy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Says when a call is filling the heap that all policies share. A call is stopped when little is
 * left and the call itself has allocated a good part of all there is: so the one who does it is
 * hit, not the one who is there.
 */
final class HeapWatch {

    /** Used part of the largest heap at which somebody has to go. */
    private static final double NEARLY_FULL = 0.9;

    /** Part of the largest heap that a call has to have allocated to be the one. */
    private static final double OWN_SHARE = 0.25;

    private final @Nullable ThreadMXBean threads =
            ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
                            && bean.isThreadAllocatedMemorySupported()
                    ? bean
                    : null;

    /** A thread at the start of a call. */
    record Start(@Nullable Thread thread, long allocatedBytes) {}

    Start start(@Nullable Thread thread) {
        return new Start(thread, allocatedBytes(thread));
    }

    boolean exhausted(Start start) {
        Runtime runtime = Runtime.getRuntime();
        long max = runtime.maxMemory();
        long used = runtime.totalMemory() - runtime.freeMemory();
        return used > NEARLY_FULL * max
                && allocatedBytes(start.thread) - start.allocatedBytes > OWN_SHARE * max;
    }

    private long allocatedBytes(@Nullable Thread thread) {
        return threads == null || thread == null
                ? 0
                : threads.getThreadAllocatedBytes(thread.threadId());
    }
}
