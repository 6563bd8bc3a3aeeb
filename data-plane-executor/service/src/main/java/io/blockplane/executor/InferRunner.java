package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.packet.PacketRecords;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes accepted tasks to their ends, each as an {@link InferRun}, and gives the ends to the task
 * log. A run that is cancelled has none: its packet is still in the inbox.
 */
final class InferRunner implements AutoCloseable {

    private final Blocks blocks;
    private final TaskLog taskLog;
    private final ExecutorMetrics metrics;
    private final Clock clock;
    private final Executor policyThreads;
    private final String source;
    private final Duration attemptLimit;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("infer-timer").factory());
    private volatile boolean stopping;

    /**
     * Makes the runner.
     *
     * @param policyThreads may block: where a block's own policy is asked
     */
    InferRunner(
            Blocks blocks,
            TaskLog taskLog,
            ExecutorMetrics metrics,
            Clock clock,
            Executor policyThreads,
            String source,
            Duration attemptLimit) {
        this.blocks = blocks;
        this.taskLog = taskLog;
        this.metrics = metrics;
        this.clock = clock;
        this.policyThreads = policyThreads;
        this.source = source;
        this.attemptLimit = attemptLimit;
    }

    /** From now on a failed attempt is the last one: the task is left to the next start. */
    void stopRetrying() {
        stopping = true;
    }

    /** A task that is to begin; when it has ended, the next one of its session may run. */
    InferRun run(InboxTask task) {
        return new InferRun(
                this,
                task,
                new TaskTrace(
                        source,
                        task.blockId(),
                        task.taskId(),
                        Entry.INFER,
                        task.packet(),
                        task.accepted(),
                        task.packetId()));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    boolean stopping() {
        return stopping;
    }

    Instant now() {
        return clock.instant();
    }

    Duration attemptLimit() {
        return attemptLimit;
    }

    @Nullable Block block(String blockId) {
        return blocks.find(blockId);
    }

    void retried(String blockId) {
        metrics.retried(blockId);
    }

    /** Runs a step where it may block; false when this executor stops. */
    boolean onPolicyThread(Runnable step) {
        try {
            policyThreads.execute(step);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Runs a step later; false when this executor stops. */
    boolean after(Duration pause, Runnable step) {
        try {
            var _ = timer.schedule(step, pause.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** The task's end goes into the log, and its session goes on. */
    void ended(InboxTask task, TaskTrace trace, Ending ending, @Nullable ByteString output) {
        taskLog.submit(now -> entry(task, trace, ending, output, now));
        task.partition().ended(task);
    }

    /** A task without an end has no record of its routing: replay can't go on after it. */
    void abandoned(InboxTask task, TaskTrace trace) {
        Block block = blocks.find(task.blockId());
        Routing routing = trace.routing();
        if (block != null && routing != null && !stopping) {
            block.balancer().unrecorded(routing);
        }
    }

    private TaskLog.Entry entry(
            InboxTask task,
            TaskTrace trace,
            Ending ending,
            @Nullable ByteString output,
            Instant now) {
        ProducerRecord<String, byte[]> record =
                output == null
                        ? null
                        : PacketRecords.processed(
                                "out-" + task.taskId(),
                                source,
                                now,
                                task.blockId(),
                                trace.eventId(),
                                task.packet(),
                                output);
        return new TaskLog.Entry(
                trace.finished(now, ending),
                record,
                new TaskLog.Position(task.partition(), task.offset()));
    }
}
