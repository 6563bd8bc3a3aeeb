package io.blockplane.executor;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happened under a lock and others are to be told of outside it, in order. Thread safe. */
final class News {

    private static final Logger LOG = LoggerFactory.getLogger(News.class);

    private final Queue<Runnable> untold = new ConcurrentLinkedQueue<>();
    private final AtomicInteger telling = new AtomicInteger();

    /** To be told by the next {@link #tell}. */
    void add(Runnable telling) {
        untold.add(telling);
    }

    /**
     * Tells, on this thread. Those that are told may come back here before they return, so one
     * thread tells them all, one after the other. One that fails keeps nothing from the others.
     */
    void tell() {
        if (untold.isEmpty() || telling.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Runnable next = untold.poll(); next != null; next = untold.poll()) {
                tell(next);
            }
            seen = telling.addAndGet(-seen);
        } while (seen != 0);
    }

    private static void tell(Runnable one) {
        try {
            one.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("one that was told of a router's news failed");
        }
    }
}
