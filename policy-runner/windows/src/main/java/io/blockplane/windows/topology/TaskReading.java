package io.blockplane.windows.topology;

import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** A record of {@link Topic#TASKS}, read as windows read it: the topology and replay alike. */
public sealed interface TaskReading {

    /** An event, and the id of its envelope. */
    record Read(String eventId, TaskEvent event) implements TaskReading {}

    /** No event, and why; {@code eventId} is what its header says, absent when it has none. */
    record Unreadable(@Nullable String eventId, String reason) implements TaskReading {}

    static TaskReading of(ConsumerRecord<String, byte[]> record) {
        try {
            if (record.value() == null) {
                throw new IllegalArgumentException("value: absent (expected: a JSON object)");
            }
            LogRecord<Event> read = RecordCodec.decode(Topic.TASKS, record);
            if (!(read.event() instanceof TaskEvent event)) {
                throw new IllegalStateException("an event of tasks is no task event");
            }
            // The key says the partition: under another key a block would have two histories.
            if (!Objects.equals(record.key(), event.blockId())) {
                throw new IllegalArgumentException(
                        "key: "
                                + record.key()
                                + " (expected: the block id, "
                                + event.blockId()
                                + ")");
            }
            return new Read(read.envelope().id(), event);
        } catch (IllegalArgumentException e) {
            return new Unreadable(
                    RecordCodec.text(record, "ce_id"), String.valueOf(e.getMessage()));
        }
    }
}
