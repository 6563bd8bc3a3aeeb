package io.blockplane.executor;

import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.TaskTrace.Ending;
import io.blockplane.executor.Transport.Attempt;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Retries;
import io.blockplane.executor.core.Retries.Verdict;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes one accepted task to its end, on its own virtual thread: waits for an instance, tries, and
 * tries again by the rules of {@link Retries}. The end goes to the task log. An interrupted task
 * has none: its packet is still in the inbox.
 */
final class InferRunner {

    /** How long a task waits for its block to show up in this executor's view of the log. */
    static final Duration UNKNOWN_BLOCK_LIMIT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(InferRunner.class);
    private static final Duration UNKNOWN_BLOCK_PAUSE = Duration.ofMillis(100);

    private final Blocks blocks;
    private final TaskLog taskLog;
    private final ExecutorMetrics metrics;
    private final Clock clock;
    private final String source;
    private final Duration attemptLimit;
    private volatile boolean stopping;

    InferRunner(
            Blocks blocks,
            TaskLog taskLog,
            ExecutorMetrics metrics,
            Clock clock,
            String source,
            Duration attemptLimit) {
        this.blocks = blocks;
        this.taskLog = taskLog;
        this.metrics = metrics;
        this.clock = clock;
        this.source = source;
        this.attemptLimit = attemptLimit;
    }

    /** From now on a failed attempt is the last one: the task is left to the next start. */
    void stopRetrying() {
        stopping = true;
    }

    /** Runs the task, and lets the next one of its session run. */
    void run(InboxTask task) {
        TaskTrace trace =
                new TaskTrace(
                        source,
                        task.blockId(),
                        task.taskId(),
                        Entry.INFER,
                        task.packet(),
                        task.accepted(),
                        task.packetId());
        Done done;
        try {
            done = process(task, trace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            unrecorded(task, trace);
            return;
        } catch (CancellationException e) {
            unrecorded(task, trace);
            return;
        }
        taskLog.submit(now -> entry(task, trace, done, now));
        task.partition().ended(task);
    }

    /** A task without an end has no record of its routing: replay can't go on after it. */
    private void unrecorded(InboxTask task, TaskTrace trace) {
        Block block = blocks.find(task.blockId());
        Routing routing = trace.routing();
        if (block != null && routing != null && !stopping) {
            block.balancer().unrecorded(routing);
        }
    }

    /**
     * How it ended.
     *
     * @param output the packet that goes to the outputs; absent when there is none
     */
    private record Done(Ending ending, @Nullable AIOSPacket output) {}

    private Done process(InboxTask task, TaskTrace trace) throws InterruptedException {
        Block block = awaitBlock(task.blockId());
        if (block == null) {
            return failed("block: " + task.blockId() + " (expected: a block that exists)");
        }
        PacketFacts facts = new PacketFacts(task.packet().getSessionId(), task.packet().getSeqNo());
        Retries history = Retries.NONE;
        Set<String> avoid = new HashSet<>();
        while (true) {
            Router.Lease lease =
                    block.balancer()
                            .route(
                                    block.router(),
                                    place(block.router(), task.order(), facts, avoid),
                                    task.packet(),
                                    avoid);
            Attempt attempt = attempt(block, lease, task, trace);
            Verdict verdict;
            switch (attempt) {
                case Attempt.Answered answered -> {
                    return done(task, answered);
                }
                case Attempt.Refused(Status status) -> {
                    return failed(lease.instanceId() + ": " + describe(status));
                }
                case Attempt.Expired(String detail) -> {
                    return new Done(
                            Ending.expired("no answer within " + attemptLimit + ": " + detail),
                            null);
                }
                case Attempt.Abandoned() -> throw new CancellationException();
                case Attempt.NotTaken(String detail) ->
                        verdict = history.afterNotTaken(clock.instant(), detail);
                case Attempt.Lost(String detail) -> verdict = history.afterLost(detail);
            }
            if (stopping) {
                throw new CancellationException();
            }
            switch (verdict) {
                case Verdict.GiveUp(String reason) -> {
                    return failed(reason);
                }
                case Verdict.Again(Duration backoff, Retries next) -> {
                    LOG.atDebug()
                            .addKeyValue("taskId", task.taskId())
                            .addKeyValue("instanceId", lease.instanceId())
                            .addKeyValue("attempt", attempt)
                            .log("no answer, again");
                    metrics.retried(task.blockId());
                    history = next;
                    avoid.clear();
                    avoid.add(lease.instanceId());
                    Thread.sleep(backoff);
                }
            }
        }
    }

    private Attempt attempt(Block block, Router.Lease lease, InboxTask task, TaskTrace trace) {
        Attempt attempt = new Attempt.Abandoned();
        trace.handedOver(clock.instant(), lease.routing());
        try {
            attempt = lease.transport().attempt(task.packet(), attemptLimit);
        } finally {
            block.router().release(lease, attempt);
        }
        return attempt;
    }

    private static Router.Lease place(
            Router router, long order, PacketFacts facts, Set<String> avoid)
            throws InterruptedException {
        CompletableFuture<Router.Lease> place = router.acquire(order, facts, avoid);
        try {
            return place.get();
        } catch (InterruptedException e) {
            if (!place.cancel(false) && !place.isCancelled()) {
                router.release(place.resultNow(), new Attempt.Abandoned());
            }
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a place is given or cancelled", e);
        }
    }

    private @Nullable Block awaitBlock(String blockId) throws InterruptedException {
        Instant deadline = clock.instant().plus(UNKNOWN_BLOCK_LIMIT);
        Block block = blocks.find(blockId);
        while (block == null && clock.instant().isBefore(deadline)) {
            Thread.sleep(UNKNOWN_BLOCK_PAUSE);
            block = blocks.find(blockId);
        }
        return block;
    }

    private static Done done(InboxTask task, Attempt.Answered answered) {
        AIOSPacket output = task.packet().toBuilder().setData(answered.data()).build();
        if (output.getSerializedSize() > PacketRecords.MAX_BYTES) {
            return failed(
                    "output: %d bytes (expected: at most %d, the largest record of the log)"
                            .formatted(output.getSerializedSize(), PacketRecords.MAX_BYTES));
        }
        return new Done(Ending.completed(answered.inputTokens(), answered.outputTokens()), output);
    }

    private static Done failed(String reason) {
        return new Done(Ending.failed(reason), null);
    }

    private static String describe(Status status) {
        return status.getCode() + ": " + status.getDescription();
    }

    private TaskLog.Entry entry(InboxTask task, TaskTrace trace, Done done, Instant now) {
        AIOSPacket output = done.output();
        ProducerRecord<String, byte[]> record =
                output == null
                        ? null
                        : PacketRecords.processed(
                                "out-" + task.taskId(),
                                source,
                                now,
                                task.blockId(),
                                trace.eventId(),
                                output);
        return new TaskLog.Entry(
                trace.finished(now, done.ending()),
                record,
                new TaskLog.Position(task.partition(), task.offset()));
    }
}
