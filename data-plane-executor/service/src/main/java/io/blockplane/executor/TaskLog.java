package io.blockplane.executor;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.log.Kafka;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what happened, in the order in which it happened, on one thread, in transactions of what
 * has queued up: task events and ticks, outputs, and with the endings of infer tasks the inbox's
 * progress. So an accepted packet has its terminal event, its output and its offset's end together
 * or not at all, and a killed executor that starts again doubles nothing and loses nothing.
 *
 * <p>Event time is given here, under the queue's lock, and never goes back: an event that is queued
 * before a tick is before it in time, too.
 *
 * <p>Endings of infer tasks are as many as tasks are open, which is bounded elsewhere, and are
 * never dropped. Events of Predict calls and ticks are bounded here: beyond {@link #MAX_DROPPABLE},
 * while Kafka is away for long, they are dropped, counted and named.
 */
final class TaskLog implements AutoCloseable {

    /** Events in one transaction. */
    static final int MAX_BATCH = 500;

    /** Bytes of outputs in one transaction, unless one alone is larger. */
    static final int MAX_BATCH_BYTES = 8 * 1024 * 1024;

    /** Events of Predict calls and ticks that wait while Kafka is away. */
    static final int MAX_DROPPABLE = 10_000;

    /** Bytes of outputs of Predict calls that wait while Kafka is away. */
    static final long MAX_DROPPABLE_BYTES = 64L * 1024 * 1024;

    /**
     * From one transaction to the next, at the most: what one costs for each partition, from the
     * batch to the marker, is shared by all that is in it. Events of Predict calls and ticks, for
     * which nobody waits, are gathered for all of it; ends of infer tasks as long as more of them
     * keep coming.
     */
    static final Duration GATHER = Duration.ofMillis(20);

    /** No further end for so long: those that wait have waited enough. */
    static final Duration QUIET = Duration.ofMillis(2);

    /** How long a close waits for Kafka to take what is queued. */
    static final Duration FLUSH_LIMIT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(TaskLog.class);
    private static final Duration DROP_LOG_INTERVAL = Duration.ofSeconds(1);

    private final Clock clock;
    private final ExecutorMetrics metrics;
    private final TransactionWriter writer;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // All below: under the lock.
    private final Queue<Entry> queue = new ArrayDeque<>();
    private Instant lastTime = Instant.EPOCH;
    private int droppable;
    private long droppableBytes;
    private long outputBytes;
    private long writtenNanos = System.nanoTime();
    private long dropped;
    private Instant dropLogged = Instant.EPOCH;
    private boolean closing;

    private volatile boolean predictEventsLeftOut;
    private volatile @Nullable RuntimeException failure;

    private TaskLog(Clock clock, ExecutorMetrics metrics, TransactionWriter writer) {
        this.clock = clock;
        this.metrics = metrics;
        this.writer = writer;
        this.thread = Thread.ofPlatform().daemon().name("task-log").unstarted(this::run);
    }

    /**
     * Something to write.
     *
     * @param output goes with it; absent for tasks that have none
     * @param position the inbox offset that ends with it; absent for what did not come through the
     *     inbox
     */
    record Entry(
            Envelope<? extends Event> event,
            @Nullable ProducerRecord<String, byte[]> output,
            @Nullable Position position) {

        /** False when the partition went away: its next owner does the task again. */
        boolean live() {
            return position == null || position.partition().live();
        }

        private int outputBytes() {
            return output == null ? 0 : output.value().length;
        }
    }

    /** An offset of the inbox. */
    record Position(InboxPartition partition, long offset) {}

    /** Fences any older executor of this id, and writes from now on. */
    static TaskLog start(
            Kafka kafka,
            String executorId,
            GroupMembership membership,
            Clock clock,
            ExecutorMetrics metrics) {
        TransactionWriter writer =
                TransactionWriter.open(kafka, "executor-" + executorId, membership);
        TaskLog log = new TaskLog(clock, metrics, writer);
        log.thread.start();
        return log;
    }

    /**
     * Queues one entry, made with its event time. Never waits for Kafka.
     *
     * @param maker called once, under the lock: quick, and free of side effects
     */
    void submit(Function<Instant, Entry> maker) {
        Entry entry;
        lock.lock();
        try {
            Instant now = clock.instant();
            lastTime = now.isBefore(lastTime) ? lastTime : now;
            entry = maker.apply(lastTime);
            boolean leftOut =
                    predictEventsLeftOut
                            && entry.position() == null
                            && entry.event().event() instanceof TaskFinished;
            if (entry.position() == null && noRoomFor(entry)) {
                drop(entry);
            } else if (!leftOut) {
                if (entry.position() == null) {
                    droppable++;
                    droppableBytes += entry.outputBytes();
                }
                queue.add(entry);
                outputBytes += entry.outputBytes();
                boolean firstEnd = entry.position() != null && ends() == 1;
                if (queue.size() == 1 || firstEnd || full()) {
                    changed.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
        if (entry.event().event() instanceof TaskFinished finished) {
            metrics.finished(finished);
        }
    }

    /**
     * From now on, events of Predict calls are not written: a benchmark's switch, nobody else's.
     */
    void leaveOutPredictEvents() {
        predictEventsLeftOut = true;
    }

    /** Why it stopped by itself; null while it runs. */
    @Nullable RuntimeException failure() {
        return failure;
    }

    /** Writes what is queued, within {@link #FLUSH_LIMIT}, and stops. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closing) {
                return;
            }
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        writer.giveUpAfter(FLUSH_LIMIT);
        try {
            thread.join(FLUSH_LIMIT.plusSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        int left = size();
        if (left > 0) {
            LOG.atWarn()
                    .addKeyValue("events", left)
                    .log("closed before Kafka took all events; infer tasks will be done again");
        }
        writer.close();
    }

    private int size() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            for (List<Entry> batch = next(); !batch.isEmpty(); batch = next()) {
                long start = System.nanoTime();
                if (!writer.write(batch)) {
                    return;
                }
                metrics.committed(batch.size(), System.nanoTime() - start);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
            LOG.atError().setCause(e).log("task log stopped: nothing is finished from here on");
        }
    }

    /** What is to be written next, in order; empty when closed and all is written. */
    private List<Entry> next() throws InterruptedException {
        lock.lock();
        try {
            while (queue.isEmpty() && !closing) {
                changed.await(1, TimeUnit.SECONDS);
            }
            gather();
            writtenNanos = System.nanoTime();
            List<Entry> batch = new ArrayList<>();
            int bytes = 0;
            for (Entry entry = queue.peek(); entry != null; entry = queue.peek()) {
                bytes += entry.outputBytes();
                if (batch.size() == MAX_BATCH || (bytes > MAX_BATCH_BYTES && !batch.isEmpty())) {
                    break;
                }
                batch.add(entry);
                queue.remove();
                outputBytes -= entry.outputBytes();
                if (entry.position() == null) {
                    droppable--;
                    droppableBytes -= entry.outputBytes();
                }
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private void gather() throws InterruptedException {
        int seen = 0;
        for (long left = gatherNanos(); left > 0 && !full(); left = gatherNanos()) {
            if (ends() == 0) {
                var _ = changed.awaitNanos(left);
            } else if (ends() > seen) {
                seen = ends();
                var _ = changed.awaitNanos(Math.min(left, QUIET.toNanos()));
            } else {
                return;
            }
        }
    }

    private long gatherNanos() {
        return writtenNanos + GATHER.toNanos() - System.nanoTime();
    }

    /** Under the lock: there is no point in waiting for more. */
    private boolean full() {
        return closing || queue.size() >= MAX_BATCH || outputBytes >= MAX_BATCH_BYTES;
    }

    /** Under the lock: ends of infer tasks, for which somebody waits. */
    private int ends() {
        return queue.size() - droppable;
    }

    private boolean noRoomFor(Entry entry) {
        return droppable == MAX_DROPPABLE
                || droppableBytes + entry.outputBytes() > MAX_DROPPABLE_BYTES;
    }

    private void drop(Entry entry) {
        dropped++;
        metrics.eventDropped();
        if (Duration.between(dropLogged, lastTime).compareTo(DROP_LOG_INTERVAL) >= 0) {
            dropLogged = lastTime;
            LOG.atError()
                    .addKeyValue("eventId", entry.event().id())
                    .addKeyValue("droppedSinceStart", dropped)
                    .addKeyValue("limit", MAX_DROPPABLE)
                    .log("events dropped: Kafka is away and the buffer is full");
        }
    }
}
