package io.blockplane.events;

import org.jspecify.annotations.Nullable;

/**
 * One health probe of one instance: topic {@link Topic#PROBES}.
 *
 * @param round counts the prober's rounds since it started
 * @param atMs when the probe ended, epoch milliseconds
 * @param healthy 2xx, JSON {@code success: true} and {@code data.status: "healthy"}
 * @param httpStatus absent when there was no answer
 * @param detail why it is not healthy; absent when it is
 */
public record ProbeRecorded(
        String blockId,
        String instanceId,
        long round,
        long atMs,
        String url,
        boolean healthy,
        @Nullable Integer httpStatus,
        long durationUs,
        @Nullable String detail)
        implements Event {

    @Override
    public String subject() {
        return blockId;
    }
}
