package io.blockplane.control.policies;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Where an archive stands in the log. Archives are read from there when asked for, not held in
 * memory: that is rare, and there may be many.
 */
record ArchiveLocation(int partition, long offset) {

    private static final Duration READ_LIMIT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(200);

    /**
     * Reads it.
     *
     * @throws IllegalStateException when it is not there any more, or not what its name says
     */
    byte[] read(Kafka kafka, String sha256) {
        TopicPartition source = new TopicPartition(Topic.POLICIES.topicName(), partition);
        try (KafkaConsumer<String, byte[]> consumer = kafka.consumer("archive-" + sha256)) {
            consumer.assign(List.of(source));
            consumer.seek(source, offset);
            long deadline = System.nanoTime() + READ_LIMIT.toNanos();
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    return content(record, sha256);
                }
            }
        }
        throw new IllegalStateException(
                "archive %s: nothing at %s@%d within %s"
                        .formatted(sha256, source, offset, READ_LIMIT));
    }

    private static byte[] content(ConsumerRecord<String, byte[]> record, String sha256) {
        if (RecordCodec.decode(Topic.POLICIES, record).event() instanceof ArchiveStored archive) {
            byte[] bytes = Base64.getDecoder().decode(archive.contentBase64());
            if (DecisionChain.sha256(bytes).equals(sha256)) {
                return bytes;
            }
        }
        throw new IllegalStateException(
                "%s-%d@%d is not archive %s"
                        .formatted(record.topic(), record.partition(), record.offset(), sha256));
    }
}
