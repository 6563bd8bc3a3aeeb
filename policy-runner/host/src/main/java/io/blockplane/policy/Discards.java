package io.blockplane.policy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends policy objects that are not wanted any more, without ever waiting for one. A few things in
 * Python can't be interrupted ({@code min(itertools.count())} for one): a thread inside of one is
 * abandoned. It takes a processor until the process ends, so it is counted.
 */
final class Discards {

    private static final Logger LOG = LoggerFactory.getLogger(Discards.class);

    /** A thread that is still running so long after its sandbox was told to stop is abandoned. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private final Set<Thread> abandoned = ConcurrentHashMap.newKeySet();

    /** Returns at once. */
    void discard(Lane lane, @Nullable Sandbox sandbox) {
        lane.close();
        Thread thread = lane.thread();
        if (thread == null) {
            return;
        }
        if (sandbox != null) {
            // A thread of its own: it may never return.
            Thread.ofPlatform().daemon().name("end-" + thread.getName()).start(sandbox::kill);
        }
        Thread.ofVirtual().name("watch-" + thread.getName()).start(() -> watch(thread));
    }

    /** Threads that could not be stopped and are running still. */
    int abandoned() {
        abandoned.removeIf(thread -> !thread.isAlive());
        return abandoned.size();
    }

    private void watch(Thread thread) {
        try {
            if (thread.join(GRACE)) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        }
        abandoned.add(thread);
        LOG.atWarn()
                .addKeyValue("thread", thread.getName())
                .addKeyValue("abandoned", abandoned())
                .log("policy can't be stopped: its thread is abandoned");
    }
}
