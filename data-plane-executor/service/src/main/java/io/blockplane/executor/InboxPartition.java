package io.blockplane.executor;

import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import io.blockplane.executor.core.SessionQueues;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The accepted work of one partition, for as long as this executor has it: which packets are open,
 * which run, which wait behind others of their session. When the partition goes away, its tasks are
 * interrupted and nothing of them is written any more: whoever gets it reads them again. Thread
 * safe.
 */
final class InboxPartition implements AutoCloseable {

    private final TopicPartition partition;
    private final Consumer<InboxTask> runner;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    // All below: under this object's lock.
    private final InboxProgress progress;
    private final SessionQueues<InboxTask.SessionKey, InboxTask> queues =
            new SessionQueues<>(InboxProgress.MAX_OPEN);
    private final Map<String, Integer> tasksByBlock = new HashMap<>();
    private long bytes;
    private boolean stopping;

    private volatile boolean live = true;

    /**
     * Takes the partition over.
     *
     * @param runner runs a task to its end on the calling thread
     */
    InboxPartition(TopicPartition partition, InboxProgress progress, Consumer<InboxTask> runner) {
        this.partition = partition;
        this.progress = progress;
        this.runner = runner;
    }

    TopicPartition topicPartition() {
        return partition;
    }

    int number() {
        return partition.partition();
    }

    /** False: nothing of this may be written any more. */
    boolean live() {
        return live;
    }

    /** Records that may be read now. */
    synchronized int room() {
        return progress.room();
    }

    /** Bytes of packets that are not done. */
    synchronized long bytes() {
        return bytes;
    }

    /** Tasks of a block that are not done. */
    synchronized int tasksOf(String blockId) {
        return tasksByBlock.getOrDefault(blockId, 0);
    }

    /** Tasks that are not done. */
    synchronized int tasks() {
        return queues.size();
    }

    /**
     * Takes notice of a record.
     *
     * @return false when it was finished before
     */
    synchronized boolean read(long offset) {
        return progress.read(offset);
    }

    /** Runs the task, now or when those of its session before it are done. */
    synchronized void admit(InboxTask task) {
        switch (queues.offer(task.session(), task)) {
            case RUN -> start(task);
            case WAIT -> {}
            case FULL ->
                    throw new IllegalStateException(
                            partition + "@" + task.offset() + ": more tasks than open offsets");
        }
        bytes += task.bytes();
        tasksByBlock.merge(task.blockId(), 1, Integer::sum);
    }

    /** The task's ending is on its way into the log: the next one of its session may run. */
    synchronized void ended(InboxTask task) {
        bytes -= task.bytes();
        tasksByBlock.computeIfPresent(task.blockId(), (_, n) -> n == 1 ? null : n - 1);
        @Nullable InboxTask next = queues.finish(task.session());
        if (next != null && !stopping) {
            start(next);
        }
    }

    /** The offset's ending is part of the next commit. */
    synchronized void finish(long offset) {
        progress.finish(offset);
    }

    synchronized Committed commit() {
        return progress.commit();
    }

    /** Starts no further task; those that run go on. */
    synchronized void stopStarting() {
        stopping = true;
    }

    @Override
    public void close() {
        live = false;
        stopStarting();
        threads.shutdownNow();
    }

    private void start(InboxTask task) {
        try {
            threads.execute(() -> runner.accept(task));
        } catch (RejectedExecutionException e) {
            // Closed in the meantime: the task is read again by whoever has the partition next.
            stopping = true;
        }
    }
}
