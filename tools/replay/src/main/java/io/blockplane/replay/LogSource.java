package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogDescription;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.RecordCodec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A log to read: a broker's, or an exported one. */
public sealed interface LogSource {

    /** Where it is, for people. */
    String name();

    /**
     * Reads topics one after another, each once from its beginning, each partition in its order,
     * every record as it stands.
     */
    void records(List<Topic> topics, Consumer<ConsumerRecord<String, byte[]>> handler)
            throws IOException;

    /** What is known of it before it is read. */
    Origin origin() throws IOException;

    /**
     * What a log holds.
     *
     * @param cut whether its beginning was left out on purpose, when it was exported
     * @param partitions what each held; empty when that is not known
     */
    record Origin(boolean cut, List<Provenance.Partition> partitions) {
        public Origin {
            partitions = List.copyOf(partitions);
        }
    }

    /** Reads one topic's events. */
    default void read(Topic topic, Reader reader) throws IOException {
        records(List.of(topic), record -> deliver(topic, record, reader));
    }

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
        public void records(List<Topic> topics, Consumer<ConsumerRecord<String, byte[]>> handler) {
            topics.forEach(topic -> LogScan.records(kafka, topic, handler));
        }

        @Override
        public Origin origin() {
            return new Origin(false, Export.partitions(LogDescription.of(kafka)));
        }
    }

    /** A file that {@link Export} wrote. */
    record ExportedFile(Path file) implements LogSource {
        @Override
        public String name() {
            return file.toString();
        }

        /** In one go when the file has the topics in this order. */
        @Override
        public void records(List<Topic> topics, Consumer<ConsumerRecord<String, byte[]>> handler)
                throws IOException {
            List<Topic> inOrder = ExportWriter.TOPICS.stream().filter(topics::contains).toList();
            if (inOrder.equals(topics) && ExportReader.preamble(file).version() > 1) {
                ExportReader.read(file, names(topics), handler);
                return;
            }
            for (Topic topic : topics) {
                ExportReader.read(file, names(List.of(topic)), handler);
            }
        }

        @Override
        public Origin origin() throws IOException {
            Provenance provenance = ExportReader.preamble(file).provenance();
            return provenance == null
                    ? new Origin(false, List.of())
                    : new Origin(provenance.cutsTheBeginning(), provenance.partitions());
        }

        private static Set<String> names(List<Topic> topics) {
            return topics.stream().map(Topic::topicName).collect(Collectors.toSet());
        }
    }

    /** Gives a record to a reader, as what it is. */
    static void deliver(Topic topic, ConsumerRecord<String, byte[]> record, Reader reader) {
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
