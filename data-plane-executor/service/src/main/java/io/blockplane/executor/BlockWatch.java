package io.blockplane.executor;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceEjected;
import io.blockplane.events.TaskEvent.InstanceReadmitted;
import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import io.blockplane.executor.core.routing.Answer;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes what a block's router does beside routing into the log, and counts it. */
final class BlockWatch implements RouterWatch {

    private static final Logger LOG = LoggerFactory.getLogger(BlockWatch.class);

    private final String blockId;
    private final String executorId;
    private final String incarnation;
    private final TaskLog taskLog;
    private final ExecutorMetrics metrics;
    private final AtomicLong count = new AtomicLong();

    BlockWatch(
            String blockId,
            String executorId,
            String incarnation,
            TaskLog taskLog,
            ExecutorMetrics metrics) {
        this.blockId = blockId;
        this.executorId = executorId;
        this.incarnation = incarnation;
        this.taskLog = taskLog;
        this.metrics = metrics;
    }

    @Override
    public void ejected(Ejection ejection) {
        LOG.atWarn()
                .addKeyValue("blockId", blockId)
                .addKeyValue("instanceId", ejection.instanceId())
                .addKeyValue("reason", ejection.reason())
                .addKeyValue("duration", ejection.duration())
                .log("instance ejected");
        metrics.ejected(blockId);
        taskLog.submit(now ->
                entry(
                        now,
                        new InstanceEjected(
                                blockId,
                                executorId,
                                ejection.instanceId(),
                                now.toEpochMilli(),
                                ejection.reason(),
                                ejection.consecutiveFailures(),
                                ejection.attempts(),
                                ejection.failures(),
                                ejection.times(),
                                ejection.duration().toMillis())));
    }

    @Override
    public void readmitted(Readmission readmission) {
        LOG.atInfo()
                .addKeyValue("blockId", blockId)
                .addKeyValue("instanceId", readmission.instanceId())
                .addKeyValue("ejectedFor", readmission.ejectedFor())
                .log("instance readmitted");
        taskLog.submit(now ->
                entry(
                        now,
                        new InstanceReadmitted(
                                blockId,
                                executorId,
                                readmission.instanceId(),
                                now.toEpochMilli(),
                                readmission.ejectedFor().toMillis(),
                                readmission.times())));
    }

    @Override
    public void shed(Answer.Why why) {
        metrics.shed(blockId, why);
    }

    @Override
    public void retryRefused() {
        metrics.retryRefused(blockId);
    }

    @Override
    public void probed(boolean answered) {
        metrics.loadProbed(blockId, answered);
    }

    private TaskLog.Entry entry(Instant now, TaskEvent event) {
        Envelope<TaskEvent> envelope =
                new Envelope<>(
                        "ejection-%s-%s-%s-%d"
                                .formatted(
                                        blockId, executorId, incarnation, count.incrementAndGet()),
                        "/executor/" + executorId,
                        now.toEpochMilli(),
                        null,
                        null,
                        event);
        return new TaskLog.Entry(envelope, null, null);
    }
}
