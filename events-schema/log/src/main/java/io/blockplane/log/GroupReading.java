package io.blockplane.log;

import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What members of a group do alike who take in no more than they have room for. */
public final class GroupReading {

    private static final Logger LOG = LoggerFactory.getLogger(GroupReading.class);

    private GroupReading() {}

    /** The group's progress in a partition, asked for until Kafka says; null when there is none. */
    public static @Nullable OffsetAndMetadata committed(
            Consumer<?, ?> consumer, TopicPartition partition) {
        while (true) {
            try {
                return consumer.committed(Set.of(partition)).get(partition);
            } catch (TimeoutException e) {
                LOG.atWarn().addKeyValue("partition", partition).log("progress not read, again");
            }
        }
    }

    /**
     * Reads on only where there is room.
     *
     * @param full true: nowhere
     * @param room records that a partition may read
     * @param toResume as many, before one that was held back is read again
     */
    public static void holdBack(
            Consumer<?, ?> consumer,
            boolean full,
            ToIntFunction<TopicPartition> room,
            int toResume) {
        Set<TopicPartition> hold = new HashSet<>();
        Set<TopicPartition> go = new HashSet<>();
        Set<TopicPartition> paused = consumer.paused();
        for (TopicPartition partition : consumer.assignment()) {
            int enough = paused.contains(partition) ? toResume : 1;
            (full || room.applyAsInt(partition) < enough ? hold : go).add(partition);
        }
        consumer.pause(hold);
        consumer.resume(go);
    }
}
