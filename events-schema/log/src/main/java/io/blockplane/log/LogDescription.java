package io.blockplane.log;

import io.blockplane.events.Topic;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/**
 * What a cluster says of the log in it, asked without changing anything.
 *
 * @param ranges of the topics that are there, in the order of {@link Topic} and of the partitions
 */
public record LogDescription(String clusterId, List<Range> ranges) {

    /**
     * What a partition holds.
     *
     * @param beginning the first offset that was not deleted
     * @param end the offset of the next record
     */
    public record Range(Topic topic, int partition, long beginning, long end) {
        public boolean isEmpty() {
            return beginning == end;
        }
    }

    public LogDescription {
        ranges = List.copyOf(ranges);
    }

    /** Asks the brokers. */
    public static LogDescription of(Kafka kafka) {
        List<Range> ranges = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = kafka.consumer("describe")) {
            Map<String, List<PartitionInfo>> topics = consumer.listTopics();
            for (Topic topic : Topic.values()) {
                List<TopicPartition> partitions =
                        topics.getOrDefault(topic.topicName(), List.of()).stream()
                                .map(p -> new TopicPartition(p.topic(), p.partition()))
                                .sorted(Comparator.comparingInt(TopicPartition::partition))
                                .toList();
                Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
                Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
                for (TopicPartition partition : partitions) {
                    ranges.add(
                            new Range(
                                    topic,
                                    partition.partition(),
                                    beginnings.getOrDefault(partition, 0L),
                                    ends.getOrDefault(partition, 0L)));
                }
            }
        }
        return new LogDescription(clusterId(kafka), ranges);
    }

    /** The first partition that has, or ever had, a record; empty: nothing was ever written. */
    public Optional<Range> firstWritten() {
        return ranges.stream().filter(range -> range.end > 0).findFirst();
    }

    /** How many partitions each topic has; empty when there is no topic. */
    public Optional<Integer> partitions() {
        return ranges.stream().map(range -> range.partition + 1).max(Comparator.naturalOrder());
    }

    private static String clusterId(Kafka kafka) {
        try (Admin admin = kafka.admin()) {
            return admin.describeCluster().clusterId().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "can't ask the cluster at " + kafka.bootstrapServers() + ": " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the cluster", e);
        }
    }
}
