package io.blockplane.log;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import org.jspecify.annotations.Nullable;

/**
 * An event where it stands in the log.
 *
 * @param value its JSON text, exactly as it stands there
 * @param hash of a decision: what its {@value RecordCodec#HASH_HEADER} header says (see {@link
 *     io.blockplane.events.DecisionChain}); null for the others
 */
public record LogRecord<E extends Event>(
        Topic topic,
        int partition,
        long offset,
        Envelope<E> envelope,
        String value,
        @Nullable String hash) {

    public E event() {
        return envelope.event();
    }
}
