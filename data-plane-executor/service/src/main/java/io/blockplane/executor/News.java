package io.blockplane.executor;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** What happened under a lock and others are to be told of outside it, in order. Thread safe. */
final class News {

    private final Queue<Runnable> untold = new ConcurrentLinkedQueue<>();
    private final AtomicInteger telling = new AtomicInteger();

    /** To be told by the next {@link #tell}. */
    void add(Runnable telling) {
        untold.add(telling);
    }

    /**
     * Tells, on this thread. Those that are told may come back here before they return, so one
     * thread tells them all, one after the other.
     */
    void tell() {
        if (untold.isEmpty() || telling.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Runnable next = untold.poll(); next != null; next = untold.poll()) {
                next.run();
            }
            seen = telling.addAndGet(-seen);
        } while (seen != 0);
    }
}
