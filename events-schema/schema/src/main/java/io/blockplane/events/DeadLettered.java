package io.blockplane.events;

import org.jspecify.annotations.Nullable;

/**
 * Something that could not be read or delivered: topic {@link Topic#DEAD_LETTERS}.
 *
 * @param sourceOffset where it stands, with {@code sourceTopic} and {@code sourcePartition}
 * @param reason why, in one line
 * @param valueBase64 its bytes, when they are not in the log at the source
 */
public record DeadLettered(
        String sourceTopic,
        int sourcePartition,
        long sourceOffset,
        String reason,
        @Nullable String valueBase64)
        implements Event {
    @Override
    public String subject() {
        return sourceTopic + "/" + sourcePartition;
    }
}
