package io.blockplane.simulator;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.FairQueue;
import io.blockplane.executor.core.Retries;
import io.blockplane.executor.core.routing.Asking;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.simulator.workload.Request;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A request on its way through the block. */
final class Task implements Asking {

    static final long NO_DEADLINE = Long.MAX_VALUE;

    /** Of a prompt: what {@code load} sends, and close to English text. */
    static final int BYTES_PER_TOKEN = 5;

    final Request request;
    private final PacketFacts packet;
    private final long deadlineNanos;
    private Set<String> avoid = Set.of();
    Retries retries = Retries.NONE;
    FairQueue.@Nullable Place<Task> queued;

    /** While an instance has it. */
    @Nullable Place<Target> place;

    /** The last instance that it was given to. */
    @Nullable String instanceId;

    /** When it was given to that. */
    long givenNanos;

    int attempts;
    boolean ended;

    Task(Request request, long deadlineNanos) {
        this.request = request;
        this.packet = new PacketFacts(request.session(), request.seqNo());
        this.deadlineNanos = deadlineNanos;
    }

    @Override
    public PacketFacts packet() {
        return packet;
    }

    @Override
    public int bytes() {
        return request.tokensIn() * BYTES_PER_TOKEN;
    }

    @Override
    public Set<String> avoid() {
        return avoid;
    }

    /** Until its deadline; null when it has none. */
    @Nullable Duration left(long nowNanos) {
        return deadlineNanos == NO_DEADLINE ? null : Duration.ofNanos(deadlineNanos - nowNanos);
    }

    /** It is given to the instance of this place. */
    void given(Place<Target> to, long nowNanos) {
        instanceId = to.instanceId();
        givenNanos = nowNanos;
        attempts++;
    }

    /** That instance failed it. A call remembers them all, an ordered task the last one. */
    void avoids(String failed) {
        if (request.ordered() || avoid.isEmpty()) {
            avoid = Set.of(failed);
        } else {
            Set<String> more = new HashSet<>(avoid);
            more.add(failed);
            avoid = more;
        }
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
