package io.blockplane.log;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads a topic once, from its beginning to its end at the time of the call. */
public final class LogScan {

    private static final Duration POLL = Duration.ofMillis(500);

    private LogScan() {}

    /** Every event, decoded, in the order of each partition. */
    public static void events(Kafka kafka, Topic topic, Consumer<LogRecord<Event>> handler) {
        records(kafka, topic, record -> handler.accept(RecordCodec.decode(topic, record)));
    }

    /** Every record as it stands, for topics of packets and for tools that mistrust the log. */
    public static void records(
            Kafka kafka, Topic topic, Consumer<ConsumerRecord<String, byte[]>> handler) {
        try (KafkaConsumer<String, byte[]> consumer = kafka.consumer("scan-" + topic.topicName())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic.topicName()).stream()
                            .map(p -> new TopicPartition(topic.topicName(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> target = new HashMap<>(consumer.endOffsets(partitions));
            while (true) {
                target.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
                if (target.isEmpty()) {
                    return;
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    handler.accept(record);
                }
            }
        }
    }
}
