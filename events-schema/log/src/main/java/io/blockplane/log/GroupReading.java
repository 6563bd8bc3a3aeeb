package io.blockplane.log;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.clients.consumer.CloseOptions;
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
     * Closes a member that stops in order. It leaves, static as it is, so that the others have its
     * partitions at once and not when its session times out.
     */
    public static void leave(Consumer<?, ?> consumer, Duration limit) {
        try {
            consumer.close(
                    CloseOptions.timeout(limit)
                            .withGroupMembershipOperation(
                                    CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("member did not leave its group in order");
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
