package io.blockplane.control.core;

import io.blockplane.events.BlockEvent;
import java.util.List;

/**
 * What one command led to.
 *
 * @param <R> what the one who asked is told when the events are durable
 */
public sealed interface Decision<R> {

    /** The events become facts, all of them or none. No events: nothing changes. */
    record Accepted<R>(List<BlockEvent> events, R reply) implements Decision<R> {
        public Accepted {
            events = List.copyOf(events);
        }
    }

    /** Refused, as can be expected of a command; nothing changes. */
    record Rejected<R>(Rejection reason) implements Decision<R> {}
}
