package io.blockplane.replay;

import io.blockplane.control.core.BlockReplay;
import io.blockplane.control.core.BlockState;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A block as it was at an instant: the fold of all that the log has of it up to then, that instant
 * included.
 *
 * @param state of its events
 * @param lastEvent the last of them; null: there was none
 * @param window the last that was closed; null: none was
 * @param ticks the last one of each executor: what was queued and under way
 * @param decisions the last one of each chain
 * @param pending commands that had no event yet, in order
 * @param broken why the fold could not go on; null: it could
 */
public record BlockAt(
        String blockId,
        Instant at,
        BlockState state,
        @Nullable LogRecord<Event> lastEvent,
        @Nullable WindowClosed window,
        SortedMap<String, Ticked> ticks,
        SortedMap<String, LogRecord<Event>> decisions,
        List<LogRecord<Event>> pending,
        @Nullable String broken) {

    private static final List<Topic> TOPICS =
            List.of(Topic.EVENTS, Topic.DECISIONS, Topic.TASKS, Topic.WINDOWS, Topic.COMMANDS);

    public BlockAt {
        pending = List.copyOf(pending);
    }

    /** Reads a log up to an instant. */
    public static BlockAt read(LogSource log, String blockId, Instant at) throws IOException {
        Fold fold = new Fold(blockId, at.toEpochMilli());
        log.records(TOPICS, fold::take);
        return new BlockAt(
                blockId,
                at,
                fold.state,
                fold.lastEvent,
                fold.window,
                fold.ticks,
                fold.decisions,
                fold.pending(),
                fold.broken);
    }

    /** Takes records one by one. */
    private static final class Fold {
        private final String blockId;
        private final long atMs;
        private BlockState state = BlockState.absent();
        private @Nullable LogRecord<Event> lastEvent;
        private @Nullable WindowClosed window;
        private final SortedMap<String, Ticked> ticks = new TreeMap<>();
        private final SortedMap<String, LogRecord<Event>> decisions = new TreeMap<>();
        private final Map<String, LogRecord<Event>> commands = new LinkedHashMap<>();
        private final Set<String> answered = new HashSet<>();
        private @Nullable String broken;

        Fold(String blockId, long atMs) {
            this.blockId = blockId;
            this.atMs = atMs;
        }

        void take(ConsumerRecord<String, byte[]> record) {
            if (!blockId.equals(record.key()) || Export.timeMs(record) > atMs) {
                return;
            }
            for (Topic topic : TOPICS) {
                if (topic.topicName().equals(record.topic())) {
                    try {
                        take(RecordCodec.decode(topic, record));
                    } catch (IllegalArgumentException e) {
                        broken = DecisionLog.where(record) + " can't be read: " + e.getMessage();
                    }
                }
            }
        }

        private void take(LogRecord<Event> record) {
            switch (record.event()) {
                case BlockEvent event -> event(record, event);
                case PolicyDecided decided ->
                        decisions.put(
                                DecisionLog.chain(
                                        decided.blockId(), decided.kind(), decided.lane()),
                                record);
                case Ticked tick -> ticks.put(tick.executorId(), tick);
                case WindowClosed closed -> window = closed;
                case Command command -> commands.put(record.envelope().id(), record);
                default -> {}
            }
        }

        private void event(LogRecord<Event> record, BlockEvent event) {
            Envelope<Event> envelope = record.envelope();
            if (envelope.causationId() != null) {
                answered.add(envelope.causationId());
            }
            if (broken != null) {
                return;
            }
            try {
                state =
                        BlockReplay.replay(
                                state,
                                new Envelope<>(
                                        envelope.id(),
                                        envelope.source(),
                                        envelope.timeMs(),
                                        envelope.correlationId(),
                                        envelope.causationId(),
                                        event));
                lastEvent = record;
            } catch (IllegalStateException e) {
                broken = DecisionLog.where(record) + " does not follow: " + e.getMessage();
            }
        }

        /** Calls of policies are answered by a decision, all others by an event. */
        private List<LogRecord<Event>> pending() {
            List<LogRecord<Event>> pending = new ArrayList<>();
            commands.forEach((id, record) -> {
                if (!answered.contains(id) && !(record.event() instanceof Command.PolicyCall)) {
                    pending.add(record);
                }
            });
            return pending;
        }
    }
}
