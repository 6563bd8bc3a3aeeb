package io.blockplane.executor;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.packet.Packet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Follows one task from acceptance to its terminal event. Belongs to the task's thread. */
final class TaskTrace {

    private static final int MAX_REASON_CHARS = 1000;

    /**
     * Calls of the block's policy for one task. Each is in the terminal event with all that the
     * policy read and did, and the event has to fit into a record of the log.
     */
    static final int MAX_POLICY_CALLS = 8;

    private final String source;
    private final String blockId;
    private final String taskId;
    private final Entry entry;
    private final Packet packet;
    private final Instant accepted;
    private final @Nullable String cause;

    private int attempts;
    private @Nullable Instant handedOver;
    private @Nullable Routing routing;
    private final List<Routing> earlier = new ArrayList<>();
    private int policyCalls;

    /**
     * A task that was just accepted.
     *
     * @param source of its event
     * @param cause id of the event that it began with; null when there is none
     */
    TaskTrace(
            String source,
            String blockId,
            String taskId,
            Entry entry,
            Packet packet,
            Instant accepted,
            @Nullable String cause) {
        this.source = source;
        this.blockId = blockId;
        this.taskId = taskId;
        this.entry = entry;
        this.packet = packet;
        this.accepted = accepted;
        this.cause = cause;
    }

    /** How a task ended. */
    record Ending(Outcome outcome, @Nullable String reason, long inputTokens, long outputTokens) {

        static Ending completed(long inputTokens, long outputTokens) {
            return new Ending(Outcome.COMPLETED, null, inputTokens, outputTokens);
        }

        static Ending failed(String reason) {
            return new Ending(Outcome.FAILED, reason, 0, 0);
        }

        static Ending expired(String reason) {
            return new Ending(Outcome.EXPIRED, reason, 0, 0);
        }
    }

    /** The last routing decision; null when there is none yet. */
    @Nullable Routing routing() {
        return routing;
    }

    /** It goes to an instance, now. */
    void handedOver(Instant now, Routing decision) {
        attempts++;
        handedOver = now;
        if (routing != null && routing.lane() != null) {
            earlier.add(routing);
        }
        routing = decision;
        policyCalls += decision.lane() == null ? 0 : 1;
    }

    /**
     * Whether the block's policy may be asked where it goes. When not, it stays where the built-in
     * balancer put it: a call that is made has to be recorded, or its lane can't be replayed.
     */
    boolean mayAskPolicy() {
        return policyCalls < MAX_POLICY_CALLS;
    }

    /** The id of its terminal event. */
    String eventId() {
        return "task-" + taskId;
    }

    /** Its terminal event. */
    Envelope<TaskFinished> finished(Instant now, Ending ending) {
        Instant left = handedOver == null ? now : handedOver;
        TaskFinished event =
                new TaskFinished(
                        blockId,
                        taskId,
                        entry,
                        packet.sessionId(),
                        Long.toUnsignedString(packet.seqNo()),
                        routing == null ? null : routing.choice(),
                        ending.outcome(),
                        shortened(ending.reason()),
                        now.toEpochMilli(),
                        microsBetween(accepted, left),
                        microsBetween(left, now),
                        microsBetween(accepted, now),
                        ending.inputTokens(),
                        ending.outputTokens(),
                        attempts,
                        routing,
                        earlier.isEmpty() ? null : earlier);
        return new Envelope<>(
                eventId(), source, now.toEpochMilli(), packet.correlation(), cause, event);
    }

    /** The wall clock may step back between two readings, and restarts lie between some. */
    private static long microsBetween(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toNanos() / 1_000);
    }

    private static @Nullable String shortened(@Nullable String reason) {
        return reason == null || reason.length() <= MAX_REASON_CHARS
                ? reason
                : reason.substring(0, MAX_REASON_CHARS) + "...";
    }
}
