package io.blockplane.windows;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.WindowClosed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rolling windows of every block of a log, or of one of its partitions: task events in, windows
 * out, with the envelopes that they have in the log. Not thread safe.
 */
public final class LogWindows {

    /** The {@code source} of every window's envelope. */
    public static final String SOURCE = "/windows";

    private final Map<String, BlockWindows> blocks = new HashMap<>();

    /** What became of an event. */
    public sealed interface Outcome {

        /** It counts, and closed these windows, oldest first; most close none. */
        record Counted(List<Envelope<WindowClosed>> closed) implements Outcome {
            public Counted {
                closed = List.copyOf(closed);
            }
        }

        /** It can't be counted, see {@link EventLimits}; nothing has changed. */
        record Refused(String reason) implements Outcome {}
    }

    /**
     * Counts an event.
     *
     * @param eventId its envelope's id: the cause of the windows that it closes
     */
    public Outcome apply(String eventId, TaskEvent event) {
        Optional<String> refusal = EventLimits.refusal(event);
        if (refusal.isPresent()) {
            return new Outcome.Refused(refusal.get());
        }
        return new Outcome.Counted(
                block(event.blockId()).apply(event).stream()
                        .map(window -> envelope(eventId, window))
                        .toList());
    }

    /** The windows of a block; fresh ones when it had no event yet. */
    public BlockWindows block(String blockId) {
        return blocks.computeIfAbsent(blockId, BlockWindows::new);
    }

    /** Takes in the restored windows of a block, in place of any that were there. */
    public void put(BlockWindows windows) {
        blocks.put(windows.blockId(), windows);
    }

    private static Envelope<WindowClosed> envelope(String eventId, WindowClosed window) {
        return new Envelope<>(
                WindowClosed.id(window.blockId(), window.asOfMs()),
                SOURCE,
                window.asOfMs(),
                null,
                eventId,
                window);
    }
}
