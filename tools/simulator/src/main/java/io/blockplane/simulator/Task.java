package io.blockplane.simulator;

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
}
