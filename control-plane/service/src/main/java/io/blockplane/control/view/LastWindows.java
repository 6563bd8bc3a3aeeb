package io.blockplane.control.view;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The last window of each block, a moment behind the log. Thread safe. */
public final class LastWindows implements AutoCloseable {

    /** Windows of a partition to begin with; each block has a new one every second. */
    static final long BACKLOG = 100;

    private final Kafka kafka;
    private final String clientId;
    private final Map<String, WindowClosed> windows = new ConcurrentHashMap<>();
    private volatile @Nullable LogTail tail;

    public LastWindows(Kafka kafka, String clientId) {
        this.kafka = kafka;
        this.clientId = clientId;
    }

    /** Starts; does not wait. */
    public void start() {
        tail = LogTail.start(kafka, Topic.WINDOWS, BACKLOG, clientId, this::apply);
    }

    /** A block's; empty when it has none yet. */
    public Optional<WindowClosed> of(String blockId) {
        return Optional.ofNullable(windows.get(blockId));
    }

    /** Why it hears of no more windows; null while it follows the log. */
    public @Nullable RuntimeException failure() {
        LogTail running = tail;
        return running == null ? null : running.failure();
    }

    @Override
    public void close() {
        LogTail running = tail;
        if (running != null) {
            running.close();
        }
    }

    private void apply(LogRecord<Event> record) {
        if (record.event() instanceof WindowClosed window) {
            windows.put(window.blockId(), window);
        }
    }
}
