package io.blockplane.executor.delivery;

import io.blockplane.executor.delivery.Delivery.Part;
import io.blockplane.executor.delivery.Sender.Sent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results for one endpoint, in order, on a virtual thread of their own: an endpoint that is slow or
 * down holds up nothing but what goes to it.
 *
 * <ol>
 *   <li>The oldest are sent, several at once.
 *   <li>What fails for now stays first, and is sent again after a pause that doubles.
 *   <li>An endpoint that failed for {@link DeliveryLimits#giveUpAfter} is down: what waits for it
 *       is dead lettered. What comes then has one attempt, and the first success ends that.
 *   <li>While an endpoint fails, no more than {@link #MAX_WAITING_FOR_FAILING} wait for it: the
 *       oldest is dead lettered, so that it can't use up what all endpoints share.
 * </ol>
 */
final class Lane implements AutoCloseable {

    /** Results sent at once. */
    static final int MAX_BATCH = 64;

    /** Of the open results of a partition; an endpoint that works may have all of them. */
    static final int MAX_WAITING_FOR_FAILING = 256;

    /** A lane without work for so long ends. */
    static final Duration IDLE = Duration.ofMinutes(1);

    /** Calls to one block at once; sessions are spread over them. */
    static final int CALLS_PER_BLOCK = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final int MAX_DOUBLINGS = 16;

    private final String endpoint;
    private final Sender sender;
    private final DeliveryLimits limits;
    private final DeadLetters deadLetters;
    private final DeliveryMetrics metrics;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Under the lock.
    private final Deque<Part> queue = new ArrayDeque<>();
    private boolean ended;

    // The lane's thread alone.
    private long failingSinceNanos;
    private int failures;

    private Lane(
            String endpoint,
            Sender sender,
            DeliveryLimits limits,
            DeadLetters deadLetters,
            DeliveryMetrics metrics) {
        this.endpoint = endpoint;
        this.sender = sender;
        this.limits = limits;
        this.deadLetters = deadLetters;
        this.metrics = metrics;
        this.thread = Thread.ofVirtual().name("deliver-" + endpoint).unstarted(this::run);
    }

    /** Which lane a result takes: one for each Redis, some for each block. */
    static String key(Part part) {
        String endpoint = part.destination().endpoint();
        return switch (part.destination()) {
            case Destination.RedisList _ -> endpoint;
            case Destination.Block _ ->
                    endpoint
                            + "#"
                            + Math.floorMod(
                                    part.delivery().sessionId().hashCode(), CALLS_PER_BLOCK);
        };
    }

    static Lane start(
            String endpoint,
            Sender sender,
            DeliveryLimits limits,
            DeadLetters deadLetters,
            DeliveryMetrics metrics) {
        Lane lane = new Lane(endpoint, sender, limits, deadLetters, metrics);
        lane.thread.start();
        return lane;
    }

    /** False when the lane has ended: another one is needed. */
    boolean offer(Part part) {
        lock.lock();
        try {
            if (ended) {
                return false;
            }
            queue.add(part);
            metrics.opened();
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** What is not delivered stays in the log as such. */
    @Override
    public void close() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
        sender.close();
        thread.interrupt();
    }

    private void run() {
        try {
            for (List<Part> batch = next(); !batch.isEmpty(); batch = next()) {
                settle(batch, send(batch));
            }
        } catch (InterruptedException e) {
            // Closed.
        } finally {
            close();
        }
    }

    /** A failure that the sender does not know is one that may pass: it must not end the lane. */
    private List<Sent> send(List<Part> batch) {
        try {
            return sender.send(batch);
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("endpoint", endpoint)
                    .setCause(e)
                    .log("results could not be sent, again");
            return Collections.nCopies(batch.size(), new Sent.Again(e.toString()));
        }
    }

    /** The oldest, which stay in the queue; none when there was nothing to do for long. */
    private List<Part> next() throws InterruptedException {
        lock.lock();
        try {
            long wait = IDLE.toNanos();
            dropGone();
            while (queue.isEmpty() && wait > 0 && !ended) {
                wait = changed.awaitNanos(wait);
                dropGone();
            }
            List<Part> batch = new ArrayList<>();
            Iterator<Part> oldest = queue.iterator();
            while (oldest.hasNext() && batch.size() < MAX_BATCH) {
                batch.add(oldest.next());
            }
            ended |= batch.isEmpty();
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void dropGone() {
        queue.removeIf(part -> {
            boolean gone = !part.delivery().live();
            if (gone) {
                metrics.dropped();
            }
            return gone;
        });
    }

    private void settle(List<Part> batch, List<Sent> results) throws InterruptedException {
        String failure = null;
        for (int i = 0; i < batch.size() && failure == null; i++) {
            Part part = batch.get(i);
            switch (results.get(i)) {
                case Sent.Delivered() -> {
                    remove(part);
                    metrics.delivered();
                    part.end();
                    works();
                }
                case Sent.Never(String detail) -> {
                    remove(part);
                    bury(part, failures + 1, detail);
                    works();
                }
                case Sent.Again(String detail) -> failure = detail;
            }
        }
        if (failure != null) {
            failed(failure);
        }
    }

    private void works() {
        if (failures > 0) {
            LOG.atInfo().addKeyValue("endpoint", endpoint).log("destination takes results again");
        }
        failures = 0;
    }

    private void failed(String detail) throws InterruptedException {
        metrics.failed();
        long now = System.nanoTime();
        if (failures == 0) {
            failingSinceNanos = now;
            LOG.atWarn()
                    .addKeyValue("endpoint", endpoint)
                    .addKeyValue("error", detail)
                    .log("destination takes no results, again");
        }
        failures++;
        Duration failing = Duration.ofNanos(now - failingSinceNanos);
        if (failing.compareTo(limits.giveUpAfter()) >= 0) {
            String reason =
                    "no result arrived for %d ms; last: %s".formatted(failing.toMillis(), detail);
            for (Part part = poll(); part != null; part = poll()) {
                bury(part, failures, reason);
            }
            return;
        }
        long until = now + pause().toNanos();
        for (Part part = crowdedOut(until); part != null; part = crowdedOut(until)) {
            bury(
                    part,
                    failures,
                    "%d results wait for it while it fails; last: %s"
                            .formatted(MAX_WAITING_FOR_FAILING, detail));
        }
    }

    private Duration pause() {
        Duration doubled =
                limits.firstPause().multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        return doubled.compareTo(limits.longestPause()) > 0 ? limits.longestPause() : doubled;
    }

    /** The oldest as soon as too many wait; null when the time is over. */
    private @Nullable Part crowdedOut(long untilNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = untilNanos - System.nanoTime();
            while (queue.size() <= MAX_WAITING_FOR_FAILING && left > 0) {
                left = changed.awaitNanos(left);
            }
            return queue.size() > MAX_WAITING_FOR_FAILING ? queue.poll() : null;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Part poll() {
        lock.lock();
        try {
            return queue.poll();
        } finally {
            lock.unlock();
        }
    }

    private void remove(Part part) {
        lock.lock();
        try {
            queue.remove(part);
        } finally {
            lock.unlock();
        }
    }

    private void bury(Part part, int attempts, String reason) throws InterruptedException {
        if (part.delivery().live()) {
            deadLetters.bury(part, attempts, reason);
            metrics.dead();
        } else {
            metrics.dropped();
        }
        part.end();
    }
}
