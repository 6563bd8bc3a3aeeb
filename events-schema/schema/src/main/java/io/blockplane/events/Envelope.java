package io.blockplane.events;

import org.jspecify.annotations.Nullable;

/**
 * An event with what identifies it and ties it to others. On Kafka these are the record's
 * CloudEvents headers.
 *
 * @param id unique in its topic; the same id twice is the same event ({@code ce_id})
 * @param source the role that wrote it, {@code /executor/<id>} for example ({@code ce_source})
 * @param timeMs when it became true, epoch milliseconds ({@code ce_time})
 * @param correlationId the request or task that all this began with ({@code ce_correlationid})
 * @param causationId id of the event that directly caused this one ({@code ce_causationid})
 */
public record Envelope<E extends Event>(
        String id,
        String source,
        long timeMs,
        @Nullable String correlationId,
        @Nullable String causationId,
        E event) {

    /**
     * The same envelope where the event is known to be of a family.
     *
     * @throws ClassCastException when it is not
     */
    public <F extends Event> Envelope<F> as(Class<F> family) {
        return new Envelope<>(id, source, timeMs, correlationId, causationId, family.cast(event));
    }
}
