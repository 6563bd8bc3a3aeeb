package io.blockplane.policy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.jspecify.annotations.Nullable;

/** Processor time of a thread, so that one that waits for the machine is not taken for busy. */
final class CpuTime {

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final boolean supported = threads.isThreadCpuTimeSupported();

    /** Where it can't be measured: wall time. */
    long nanos(@Nullable Thread thread) {
        long nanos = supported && thread != null ? threads.getThreadCpuTime(thread.threadId()) : -1;
        return nanos < 0 ? System.nanoTime() : nanos;
    }
}
