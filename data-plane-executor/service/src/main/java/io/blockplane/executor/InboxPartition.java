package io.blockplane.executor;

import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import io.blockplane.executor.core.SessionQueues;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The accepted work of one partition, for as long as this executor has it: which packets are open,
 * which run, which wait behind others of their session. When the partition goes away, its tasks are
 * cancelled and nothing of them is written any more: whoever gets it reads them again. Thread safe.
 */
final class InboxPartition implements AutoCloseable {

    private final TopicPartition partition;
    private final Function<InboxTask, InferRun> runner;

    // All below: under this object's lock.
    private final InboxProgress progress;
    private final SessionQueues<InboxTask.SessionKey, InboxTask> queues =
            new SessionQueues<>(InboxProgress.MAX_OPEN);
    private final Map<String, Integer> tasksByBlock = new HashMap<>();
    private final Map<Long, InferRun> running = new HashMap<>();

    /** Until its ending is written: an output waits as long as its packet did. */
    private final Map<Long, Integer> bytesByOffset = new HashMap<>();

    private long bytes;
    private boolean stopping;

    private volatile boolean live = true;

    /**
     * Takes the partition over.
     *
     * @param runner makes the run of a task, which is begun here
     */
    InboxPartition(
            TopicPartition partition,
            InboxProgress progress,
            Function<InboxTask, InferRun> runner) {
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

    /** Bytes of packets whose endings are not written. */
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
    void admit(InboxTask task) {
        InferRun run;
        synchronized (this) {
            bytes += task.bytes();
            bytesByOffset.put(task.offset(), task.bytes());
            tasksByBlock.merge(task.blockId(), 1, Integer::sum);
            run =
                    switch (queues.offer(task.session(), task)) {
                        case RUN -> runOf(task);
                        case WAIT -> null;
                        case FULL ->
                                throw new IllegalStateException(
                                        "%s@%d: more tasks than open offsets"
                                                .formatted(partition, task.offset()));
                    };
        }
        if (run != null) {
            run.begin();
        }
    }

    /** The task's ending is on its way into the log: the next one of its session may run. */
    void ended(InboxTask task) {
        InferRun run;
        synchronized (this) {
            running.remove(task.offset());
            tasksByBlock.computeIfPresent(task.blockId(), (_, n) -> n == 1 ? null : n - 1);
            @Nullable InboxTask next = queues.finish(task.session());
            run = next == null ? null : runOf(next);
        }
        if (run != null) {
            run.begin();
        }
    }

    /** The offset's ending is part of the next commit, which may be tried more than once. */
    synchronized void finish(long offset) {
        @Nullable Integer size = bytesByOffset.remove(offset);
        bytes -= size == null ? 0 : size;
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
        List<InferRun> all;
        synchronized (this) {
            stopping = true;
            all = List.copyOf(running.values());
        }
        all.forEach(InferRun::cancel);
    }

    /** Under the lock; null when nothing is started any more. */
    private @Nullable InferRun runOf(InboxTask task) {
        if (stopping) {
            return null;
        }
        InferRun run = runner.apply(task);
        running.put(task.offset(), run);
        return run;
    }
}
