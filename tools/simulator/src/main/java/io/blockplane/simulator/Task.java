package io.blockplane.simulator;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.OwnLatency;
import io.blockplane.executor.core.Retries;
import io.blockplane.simulator.workload.Request;
import org.jspecify.annotations.Nullable;

/** A request on its way through the block. */
final class Task {

    final Request request;
    Retries retries = Retries.NONE;
    FairQueue.@Nullable Place<Task> queued;
    @Nullable Target target;
    OwnLatency.@Nullable Running running;
    long estimatedTokens;

    /** The last instance that it was given to. */
    @Nullable String instanceId;

    /** When it was given to its instance. */
    long givenNanos;

    int attempts;
    boolean ended;

    Task(Request request) {
        this.request = request;
    }

    /** Its terminal event, as the executor writes it. */
    TaskFinished finished(
            String blockId,
            Outcome outcome,
            @Nullable String reason,
            long endedNanos,
            long endedMs) {
        long total = endedNanos - request.atNanos();
        long service = instanceId == null ? 0 : endedNanos - givenNanos;
        boolean completed = outcome == Outcome.COMPLETED;
        return new TaskFinished(
                blockId,
                "sim-" + request.index(),
                request.ordered() ? TaskEvent.Entry.INFER : TaskEvent.Entry.PREDICT,
                request.session(),
                Long.toUnsignedString(request.seqNo()),
                instanceId,
                outcome,
                reason,
                endedMs,
                (total - service) / 1_000,
                service / 1_000,
                total / 1_000,
                completed ? request.tokensIn() : 0,
                completed ? request.tokensOut() : 0,
                attempts,
                null);
    }
}
