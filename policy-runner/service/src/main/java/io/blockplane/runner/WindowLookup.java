package io.blockplane.runner;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds the windows that recorded decisions refer to, by their time: window records carry it as
 * their timestamp.
 */
final class WindowLookup {

    private static final Duration POLL = Duration.ofMillis(500);

    private WindowLookup() {}

    /**
     * The windows of these ids, none of which is older than the given time. Missing ones are
     * missing in the result.
     */
    static Map<String, WindowClosed> find(Kafka kafka, Set<String> windowIds, long fromMs) {
        Map<String, WindowClosed> found = new HashMap<>();
        if (windowIds.isEmpty()) {
            return found;
        }
        String topic = Topic.WINDOWS.topicName();
        try (KafkaConsumer<String, byte[]> consumer = kafka.consumer("runner-window-lookup")) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            Map<TopicPartition, Long> times = new HashMap<>();
            partitions.forEach(p -> times.put(p, fromMs));
            Map<TopicPartition, Long> start = new HashMap<>();
            consumer.offsetsForTimes(times)
                    .forEach((partition, first) -> {
                        if (first != null) {
                            start.put(partition, first.offset());
                        }
                    });
            consumer.assign(start.keySet());
            start.forEach(consumer::seek);
            Map<TopicPartition, Long> end = new HashMap<>(consumer.endOffsets(start.keySet()));
            while (found.size() < windowIds.size()) {
                end.entrySet().removeIf(e -> consumer.position(e.getKey()) >= e.getValue());
                if (end.isEmpty()) {
                    return found;
                }
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    LogRecord<Event> decoded = RecordCodec.decode(Topic.WINDOWS, record);
                    if (windowIds.contains(decoded.envelope().id())) {
                        found.put(decoded.envelope().id(), (WindowClosed) decoded.event());
                    }
                }
            }
        }
        return found;
    }
}
