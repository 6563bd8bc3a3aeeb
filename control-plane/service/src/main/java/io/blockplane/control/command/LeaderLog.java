package io.blockplane.control.command;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The log as the leader writes it: one writer at a time, held by fencing. */
public interface LeaderLog {

    /**
     * Appends events in one transaction. Completes when they are durable, exceptionally when they
     * are not in the log: this one leads no more, or too many writes wait.
     */
    CompletableFuture<Void> append(List<Envelope<? extends Event>> events);
}
