package io.blockplane.log;

import io.blockplane.events.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics of {@link Topic} and waits until they can be written to. */
public final class Topics {

    /** Fixed for the life of a log: the same key must have the same partition for ever. */
    public static final int DEFAULT_PARTITIONS = 4;

    private static final Duration READY_LIMIT = Duration.ofMinutes(1);

    private Topics() {}

    /**
     * Creates what is missing and waits until every partition of every topic answers.
     *
     * @return the number of partitions that the log has
     * @throws IllegalStateException when the topics that exist have different partition counts, or
     *     don't get ready
     */
    public static int ensure(Kafka kafka, int partitions, short replication) {
        try (Admin admin = kafka.admin()) {
            Set<String> existing = admin.listTopics().names().get();
            List<NewTopic> missing = new ArrayList<>();
            for (Topic topic : Topic.values()) {
                if (!existing.contains(topic.topicName())) {
                    missing.add(newTopic(topic, partitions, replication));
                }
            }
            create(admin, missing);
            Map<String, TopicDescription> topics = describe(admin);
            awaitReady(admin, topics);
            return commonPartitionCount(topics);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "can't create topics at " + kafka.bootstrapServers() + ": " + e.getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while creating topics", e);
        }
    }

    private static NewTopic newTopic(Topic topic, int partitions, short replication) {
        Map<String, String> config = new HashMap<>();
        // By event time a replayed old log would vanish: nothing is ever deleted by time.
        config.put(TopicConfig.RETENTION_MS_CONFIG, "-1");
        config.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        // Records may carry event time: one event dated ahead must not make the broker refuse all
        // that follows from it.
        config.put(
                TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG, Long.toString(Long.MAX_VALUE));
        config.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(Kafka.MAX_RECORD_BYTES));
        config.put(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                switch (topic.cleanup()) {
                    case KEEP -> TopicConfig.CLEANUP_POLICY_DELETE;
                    case COMPACT -> TopicConfig.CLEANUP_POLICY_COMPACT;
                });
        return new NewTopic(topic.topicName(), partitions, replication).configs(config);
    }

    private static void create(Admin admin, List<NewTopic> missing)
            throws ExecutionException, InterruptedException {
        try {
            admin.createTopics(missing).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
            // Another role was faster.
        }
    }

    private static Map<String, TopicDescription> describe(Admin admin)
            throws ExecutionException, InterruptedException {
        List<String> names = List.of(Topic.values()).stream().map(Topic::topicName).toList();
        long deadline = System.nanoTime() + READY_LIMIT.toNanos();
        while (true) {
            try {
                return admin.describeTopics(names).allTopicNames().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)
                        || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    /** Without this a producer that sends at once can lose records (KAFKA-15591). */
    private static void awaitReady(Admin admin, Map<String, TopicDescription> topics)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> all = new HashMap<>();
        topics.forEach((name, description) ->
                description
                        .partitions()
                        .forEach(p ->
                                all.put(
                                        new TopicPartition(name, p.partition()),
                                        OffsetSpec.latest())));
        long deadline = System.nanoTime() + READY_LIMIT.toNanos();
        while (true) {
            try {
                admin.listOffsets(all).all().get();
                return;
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    private static int commonPartitionCount(Map<String, TopicDescription> topics) {
        int count = topics.values().iterator().next().partitions().size();
        topics.forEach((name, description) -> {
            if (description.partitions().size() != count) {
                throw new IllegalStateException(
                        "topic "
                                + name
                                + ": "
                                + description.partitions().size()
                                + " partitions (expected: "
                                + count
                                + ", the same for all blockplane topics)");
            }
        });
        return count;
    }
}
