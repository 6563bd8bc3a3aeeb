package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.RecordCodec;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A log to read: a broker's, or an exported one. */
public sealed interface LogSource {

    /** Where it is, for people. */
    String name();

    /** Reads a topic once from its beginning, each partition in its order. */
    void read(Topic topic, Reader reader) throws IOException;

    /** What is read. Tools that check a log must hear of what can't be read, not stop at it. */
    interface Reader {
        void event(LogRecord<Event> record);

        /**
         * A record that is no event we know.
         *
         * @param reason why, in one line
         */
        default void unreadable(ConsumerRecord<String, byte[]> record, String reason) {
            throw new IllegalStateException(
                    "%s-%d@%d: %s"
                            .formatted(
                                    record.topic(), record.partition(), record.offset(), reason));
        }
    }

    static LogSource broker(String bootstrapServers) {
        return new Broker(new Kafka(bootstrapServers));
    }

    static LogSource file(Path file) {
        return new ExportedFile(file);
    }

    /** A live cluster. */
    record Broker(Kafka kafka) implements LogSource {
        @Override
        public String name() {
            return kafka.bootstrapServers();
        }

        @Override
        public void read(Topic topic, Reader reader) {
            LogScan.records(kafka, topic, record -> deliver(topic, record, reader));
        }
    }

    /** A file that {@link Export} wrote. */
    record ExportedFile(Path file) implements LogSource {
        @Override
        public String name() {
            return file.toString();
        }

        @Override
        public void read(Topic topic, Reader reader) throws IOException {
            ExportFormat.read(
                    file,
                    record -> {
                        if (record.topic().equals(topic.topicName())) {
                            deliver(topic, record, reader);
                        }
                    });
        }
    }

    private static void deliver(Topic topic, ConsumerRecord<String, byte[]> record, Reader reader) {
        LogRecord<Event> decoded;
        try {
            decoded = RecordCodec.decode(topic, record);
        } catch (IllegalArgumentException e) {
            reader.unreadable(record, String.valueOf(e.getMessage()));
            return;
        }
        reader.event(decoded);
    }
}
