package io.blockplane.control.command;

import io.blockplane.control.core.BlockDecider;
import io.blockplane.control.core.BlockReplay;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Decision;
import io.blockplane.control.core.Facts;
import io.blockplane.control.core.Rejection;
import io.blockplane.control.core.Reply;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import io.blockplane.log.RecordCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of all blocks, and command records to event records. Used by one thread. After an
 * exception it must be thrown away: it may be ahead of the log.
 */
final class CommandFold {

    /**
     * On an event: {@code <partition>/<offset>} of its command in {@code blockplane.commands}. By
     * it the log itself says how far the commands were decided.
     */
    static final String COMMAND_POSITION_HEADER = "bp_command_position";

    private static final Logger LOG = LoggerFactory.getLogger(CommandFold.class);

    private final String source;
    private final Map<String, BlockState> states = new HashMap<>();
    private final Map<Integer, Long> nextOffsets = new HashMap<>();

    private CommandFold(String source) {
        this.source = source;
    }

    /** Folds the events from the beginning to the end at the time of the call. */
    static CommandFold fromLog(Kafka kafka, String source) {
        CommandFold fold = new CommandFold(source);
        LogScan.records(kafka, Topic.EVENTS, fold::replayRecord);
        return fold;
    }

    /** How many blocks there are, those of which only refusals are known included. */
    int blocks() {
        return states.size();
    }

    /** The offset after the last command of a partition that has an event; 0: none has. */
    long nextOffset(int partition) {
        return nextOffsets.getOrDefault(partition, 0L);
    }

    /** Decides one command; the state is that after the facts returned. */
    List<ProducerRecord<String, byte[]>> decide(ConsumerRecord<String, byte[]> record) {
        Envelope<Command> command;
        try {
            command = RecordCodec.decode(Topic.COMMANDS, record).envelope().as(Command.class);
        } catch (IllegalArgumentException e) {
            return List.of(deadLetter(record, String.valueOf(e.getMessage())));
        }
        if (command.event() instanceof Command.PolicyCall) {
            return List.of();
        }
        try {
            return decide(record, command);
        } catch (RuntimeException e) {
            throw at(record, e);
        }
    }

    private List<ProducerRecord<String, byte[]>> decide(
            ConsumerRecord<String, byte[]> record, Envelope<Command> command) {
        BlockState state = state(command.event().blockId());
        Decision<Reply> decision = BlockDecider.decide(state, command);
        List<ProducerRecord<String, byte[]>> facts = new ArrayList<>();
        for (Envelope<BlockEvent> fact : Facts.of(state, command, decision, source)) {
            replay(fact);
            ProducerRecord<String, byte[]> encoded = RecordCodec.encode(fact);
            RecordCodec.put(
                    encoded.headers(),
                    COMMAND_POSITION_HEADER,
                    record.partition() + "/" + record.offset());
            facts.add(encoded);
        }
        LOG.atInfo()
                .addKeyValue("blockId", command.event().blockId())
                .addKeyValue("commandId", command.id())
                .addKeyValue("command", command.event().getClass().getSimpleName())
                .addKeyValue("events", facts.size())
                .addKeyValue("outcome", outcome(decision))
                .log("command decided");
        return facts;
    }

    private static String outcome(Decision<Reply> decision) {
        return switch (decision) {
            case Decision.Accepted<Reply>(List<BlockEvent> _, Reply reply) -> reply.toString();
            case Decision.Rejected<Reply>(Rejection reason) -> reason.message();
        };
    }

    private ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> record, String reason) {
        LOG.atWarn()
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", reason)
                .log("command can't be read");
        return RecordCodec.encode(
                new Envelope<>(
                        "dead-" + record.topic() + "-" + record.partition() + "-" + record.offset(),
                        source,
                        record.timestamp(),
                        null,
                        RecordCodec.text(record, "ce_id"),
                        new DeadLettered(
                                record.topic(),
                                record.partition(),
                                record.offset(),
                                reason,
                                null)));
    }

    private void replayRecord(ConsumerRecord<String, byte[]> record) {
        try {
            replay(RecordCodec.decode(Topic.EVENTS, record).envelope().as(BlockEvent.class));
            rememberPosition(RecordCodec.text(record, COMMAND_POSITION_HEADER));
        } catch (RuntimeException e) {
            throw at(record, e);
        }
    }

    private void replay(Envelope<BlockEvent> fact) {
        String blockId = fact.event().blockId();
        states.put(blockId, BlockReplay.replay(state(blockId), fact));
    }

    private void rememberPosition(@Nullable String position) {
        if (position != null) {
            int slash = position.indexOf('/');
            nextOffsets.merge(
                    Integer.parseInt(position.substring(0, slash)),
                    Long.parseLong(position.substring(slash + 1)) + 1,
                    Math::max);
        }
    }

    private BlockState state(String blockId) {
        return states.getOrDefault(blockId, BlockState.absent());
    }

    private static IllegalStateException at(ConsumerRecord<?, ?> record, RuntimeException e) {
        return new IllegalStateException(
                "%s-%d@%d: %s"
                        .formatted(
                                record.topic(),
                                record.partition(),
                                record.offset(),
                                e.getMessage()),
                e);
    }
}
