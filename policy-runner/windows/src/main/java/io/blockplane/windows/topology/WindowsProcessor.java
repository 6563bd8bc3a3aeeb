package io.blockplane.windows.topology;

import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.RecordCodec;
import io.blockplane.windows.BlockWindows;
import io.blockplane.windows.EventLimits;
import io.blockplane.windows.LogWindows;
import io.blockplane.windows.LogWindows.Outcome;
import io.blockplane.windows.StateSink;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one node of the topology. All it does follows from the record in hand and the state: no
 * clock, no punctuation. It works on the heap; the store has the same state, entry by entry, and is
 * read only when work begins, or begins anew after a failure.
 */
final class WindowsProcessor extends ContextualProcessor<String, byte[], String, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(WindowsProcessor.class);

    /** Characters of a dead letter's reason; the rest is cut off. */
    private static final int MAX_REASON_LENGTH = 500;

    /** Blocks that have more instances than windows are kept for, and of which that was said. */
    private final Set<String> crowded = new HashSet<>();

    private LogWindows windows = new LogWindows();

    @Override
    public void init(ProcessorContext<String, byte[]> context) {
        super.init(context);
        windows = new LogWindows();
        Map<String, Map<String, byte[]>> blocks = new HashMap<>();
        try (KeyValueIterator<String, byte[]> entries = store().all()) {
            entries.forEachRemaining(entry -> {
                StoreKey key = StoreKey.parse(entry.key);
                blocks.computeIfAbsent(key.blockId(), _ -> new HashMap<>())
                        .put(key.entry(), entry.value);
            });
        }
        blocks.forEach((id, entries) -> windows.put(BlockWindows.restore(id, entries)));
        LOG.atInfo()
                .addKeyValue("task", context.taskId())
                .addKeyValue("blocks", blocks.size())
                .log("windows begin");
    }

    @Override
    public void process(Record<String, byte[]> record) {
        RecordMetadata at =
                context()
                        .recordMetadata()
                        .orElseThrow(() -> new IllegalStateException("a record from nowhere"));
        switch (TaskReading.of(asConsumed(record, at))) {
            case TaskReading.Unreadable(String eventId, String reason) ->
                    bury(record, at, eventId, reason);
            case TaskReading.Read(String eventId, TaskEvent event) -> {
                switch (windows.apply(eventId, event)) {
                    case Outcome.Refused(String reason) -> bury(record, at, eventId, reason);
                    case Outcome.Counted(List<Envelope<WindowClosed>> closed) -> {
                        BlockWindows block = windows.block(event.blockId());
                        store(block);
                        warnOfCrowd(block);
                        closed.forEach(window ->
                                write(
                                        window,
                                        window.event().asOfMs(),
                                        WindowsTopology.WINDOWS_SINK));
                    }
                }
            }
        }
    }

    private void warnOfCrowd(BlockWindows block) {
        if (block.untracked() > 0 && crowded.add(block.blockId())) {
            LOG.atWarn()
                    .addKeyValue("blockId", block.blockId())
                    .addKeyValue("limit", EventLimits.MAX_INSTANCES)
                    .log("instances beyond the limit count in their block only");
        }
    }

    private void store(BlockWindows block) {
        KeyValueStore<String, byte[]> store = store();
        block.writeChanges(
                new StateSink() {
                    @Override
                    public void put(String name, byte[] value) {
                        store.put(new StoreKey(block.blockId(), name).text(), value);
                    }

                    @Override
                    public void delete(String name) {
                        store.delete(new StoreKey(block.blockId(), name).text());
                    }
                });
    }

    private KeyValueStore<String, byte[]> store() {
        return context().getStateStore(WindowsTopology.STORE);
    }

    private void bury(
            Record<String, byte[]> record,
            RecordMetadata at,
            @Nullable String eventId,
            String reason) {
        String line = reason.lines().map(String::strip).reduce((a, b) -> a + " " + b).orElse("");
        DeadLettered letter =
                new DeadLettered(
                        at.topic(),
                        at.partition(),
                        at.offset(),
                        line.substring(0, Math.min(line.length(), MAX_REASON_LENGTH)),
                        null);
        String id = "dead-windows-%s-%d-%d".formatted(at.topic(), at.partition(), at.offset());
        write(
                new Envelope<>(id, LogWindows.SOURCE, record.timestamp(), null, eventId, letter),
                record.timestamp(),
                WindowsTopology.DEAD_LETTERS_SINK);
        LOG.atWarn()
                .addKeyValue("topic", at.topic())
                .addKeyValue("partition", at.partition())
                .addKeyValue("offset", at.offset())
                .addKeyValue("reason", letter.reason())
                .log("task event buried");
    }

    private void write(Envelope<? extends Event> envelope, long timestamp, String sink) {
        ProducerRecord<String, byte[]> encoded = RecordCodec.encode(envelope);
        context()
                .forward(
                        new Record<>(encoded.key(), encoded.value(), timestamp, encoded.headers()),
                        sink);
    }

    private static ConsumerRecord<String, byte[]> asConsumed(
            Record<String, byte[]> record, RecordMetadata at) {
        return new ConsumerRecord<>(
                at.topic(),
                at.partition(),
                at.offset(),
                record.timestamp(),
                TimestampType.NO_TIMESTAMP_TYPE,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty());
    }
}
