package io.blockplane.replay.importing;

import io.blockplane.log.Kafka;
import io.blockplane.log.LogDescription;
import io.blockplane.log.Topics;
import io.blockplane.replay.Export;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.Provenance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes an exported log into a cluster that has none: every record into its partition, in its
 * order, with its key, headers, time and bytes. Offsets are new ones.
 */
public final class Import {

    private static final short ONE_REPLICA = 1;

    private Import() {}

    /**
     * Checks the whole file first, and that the log is empty, and writes only then.
     *
     * @return the number of records written
     * @throws IOException when the file is not whole, the log is not empty, or a record could not
     *     be written; the message says what was expected
     */
    public static long write(Path file, Kafka kafka) throws IOException {
        LogSource source = LogSource.file(file);
        int partitions = partitions(source);
        refuseWritten(kafka, partitions);
        Topics.ensure(kafka, partitions, ONE_REPLICA);
        long[] count = {0};
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        try (KafkaProducer<String, byte[]> producer = kafka.producer("replay-import")) {
            source.records(
                    Export.topics(),
                    record -> {
                        if (failure.get() == null) {
                            var _ =
                                    producer.send(
                                            copy(record),
                                            (_, error) -> failure.compareAndSet(null, error));
                            count[0]++;
                        }
                    });
            producer.flush();
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new IOException(
                    "%s: not all of it was written to %s (%s); delete its topics and import again"
                            .formatted(file, kafka.bootstrapServers(), failed.getMessage()),
                    failed);
        }
        return count[0];
    }

    /** As many as the log had. Reads, and so checks, all of the file. */
    private static int partitions(LogSource source) throws IOException {
        int[] most = {1};
        source.records(
                Export.topics(), record -> most[0] = Math.max(most[0], record.partition() + 1));
        for (Provenance.Partition partition : source.origin().partitions()) {
            most[0] = Math.max(most[0], partition.partition() + 1);
        }
        return most[0];
    }

    private static void refuseWritten(Kafka kafka, int partitions) throws IOException {
        LogDescription log = LogDescription.of(kafka);
        Optional<LogDescription.Range> written = log.firstWritten();
        if (written.isPresent()) {
            LogDescription.Range range = written.get();
            throw new IOException(
                    "%s has a log: %s-%d has had %,d records (expected: an empty log)"
                            .formatted(
                                    kafka.bootstrapServers(),
                                    range.topic().topicName(),
                                    range.partition(),
                                    range.end()));
        }
        int there = log.partitions().orElse(partitions);
        if (there != partitions) {
            throw new IOException(
                    "%s: its topics have %d partitions (expected: %d, as the exported log had)"
                            .formatted(kafka.bootstrapServers(), there, partitions));
        }
    }

    private static ProducerRecord<String, byte[]> copy(ConsumerRecord<String, byte[]> record) {
        return new ProducerRecord<>(
                record.topic(),
                record.partition(),
                record.timestamp() < 0 ? null : record.timestamp(),
                record.key(),
                record.value(),
                record.headers());
    }
}
