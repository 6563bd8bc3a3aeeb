package io.blockplane.control.view;

import io.blockplane.control.core.CommandMemory;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Envelope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The latest events of a block, and what came of its latest commands. Thread safe. */
final class BlockHistory {

    /** Events kept; the oldest goes when one more comes. */
    static final int EVENTS = 1_000;

    private final Deque<Envelope<BlockEvent>> events = new ArrayDeque<>();

    /** As many as a block remembers, so that what it calls decided has its outcome here. */
    private final Map<String, Envelope<BlockEvent>> outcomes =
            new LinkedHashMap<>() {
                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<String, Envelope<BlockEvent>> eldest) {
                    return size() > CommandMemory.LIMIT;
                }
            };

    synchronized void add(Envelope<BlockEvent> event) {
        if (events.size() == EVENTS) {
            events.removeFirst();
        }
        events.addLast(event);
        String command = event.causationId();
        if (command != null) {
            outcomes.putIfAbsent(command, event);
        }
    }

    /** Oldest first. */
    synchronized List<Envelope<BlockEvent>> events() {
        return List.copyOf(events);
    }

    /** The first event that a command led to. */
    synchronized Optional<Envelope<BlockEvent>> outcome(String commandId) {
        return Optional.ofNullable(outcomes.get(commandId));
    }
}
