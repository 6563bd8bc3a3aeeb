package io.blockplane.events;

import org.jspecify.annotations.Nullable;

/**
 * Something that could not be read or delivered: topic {@link Topic#DEAD_LETTERS}.
 *
 * @param sourceOffset where it stands, with {@code sourceTopic} and {@code sourcePartition}
 * @param reason why, in one line
 * @param valueBase64 its bytes, when they are not in the log at the source
 * @param destination where it was to go; absent when it was to go nowhere
 * @param attempts to deliver it; absent when there was nothing to deliver
 */
public record DeadLettered(
        String sourceTopic,
        int sourcePartition,
        long sourceOffset,
        String reason,
        @Nullable String valueBase64,
        @Nullable String destination,
        @Nullable Integer attempts)
        implements Event {

    /** What could not be read. */
    public DeadLettered(
            String sourceTopic,
            int sourcePartition,
            long sourceOffset,
            String reason,
            @Nullable String valueBase64) {
        this(sourceTopic, sourcePartition, sourceOffset, reason, valueBase64, null, null);
    }

    @Override
    public String subject() {
        return sourceTopic + "/" + sourcePartition;
    }
}
