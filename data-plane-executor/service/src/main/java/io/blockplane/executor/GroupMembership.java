package io.blockplane.executor;

import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.jspecify.annotations.Nullable;

/**
 * This executor's place in the inbox's consumer group: written by the reader, used by the task log,
 * whose commits Kafka accepts only from a current member.
 */
final class GroupMembership {

    private volatile @Nullable ConsumerGroupMetadata metadata;
    private volatile boolean fenced;

    void update(ConsumerGroupMetadata current) {
        metadata = current;
    }

    /** Another process took this executor's id over. */
    void fence() {
        fenced = true;
    }

    boolean fenced() {
        return fenced;
    }

    /**
     * As of the last poll.
     *
     * @throws IllegalStateException before the first one: nothing read, nothing to commit
     */
    ConsumerGroupMetadata metadata() {
        ConsumerGroupMetadata current = metadata;
        if (current == null) {
            throw new IllegalStateException("the inbox was not polled yet");
        }
        return current;
    }
}
