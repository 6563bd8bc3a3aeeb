package io.blockplane.control.view;

import io.blockplane.control.core.BlockReplay;
import io.blockplane.control.core.BlockState;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * All blocks as the log has them, a moment behind it. It folds {@code blockplane.events} by itself,
 * so it shows what is durable and nothing else. Thread safe.
 */
public final class BlockDirectory implements AutoCloseable {

    private final Kafka kafka;
    private final String clientId;
    private final ConcurrentHashMap<String, BlockState> states = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, BlockHistory> histories = new ConcurrentHashMap<>();
    private final Arrivals<CommandKey, Envelope<BlockEvent>> arrivals = new Arrivals<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable LogTail tail;

    private record CommandKey(String blockId, String commandId) {}

    public BlockDirectory(Kafka kafka, String clientId) {
        this.kafka = kafka;
        this.clientId = clientId;
    }

    /** Starts, and waits until all that stands in the log now is in it. */
    public void start() throws InterruptedException {
        LogTail started = LogTail.start(kafka, Topic.EVENTS, clientId, this::apply);
        tail = started;
        started.awaitCaughtUp();
    }

    /** Called after each event, on the directory's thread: must return at once. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** By id. */
    public List<BlockState.Present> blocks() {
        return states.values().stream()
                .filter(BlockState.Present.class::isInstance)
                .map(BlockState.Present.class::cast)
                .sorted(Comparator.comparing(BlockState.Present::blockId))
                .toList();
    }

    public Optional<BlockState.Present> block(String blockId) {
        return states.get(blockId) instanceof BlockState.Present block
                ? Optional.of(block)
                : Optional.empty();
    }

    /** The latest events of a block, oldest first, at most {@link BlockHistory#EVENTS}. */
    public List<Envelope<BlockEvent>> history(String blockId) {
        BlockHistory history = histories.get(blockId);
        return history == null ? List.of() : history.events();
    }

    /**
     * The first event that a command led to, once it is in the log. Never completes for a command
     * that leads to no event. Cancel it to wait no longer.
     */
    public CompletableFuture<Envelope<BlockEvent>> outcome(String blockId, String commandId) {
        return arrivals.await(
                new CommandKey(blockId, commandId),
                () ->
                        Optional.ofNullable(histories.get(blockId))
                                .flatMap(h -> h.outcome(commandId)));
    }

    /** Why it shows no more than it does; null while it follows the log. */
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
        Envelope<BlockEvent> event = record.envelope().as(BlockEvent.class);
        String blockId = event.event().blockId();
        states.put(
                blockId,
                BlockReplay.replay(states.getOrDefault(blockId, BlockState.absent()), event));
        histories.computeIfAbsent(blockId, _ -> new BlockHistory()).add(event);
        if (event.causationId() != null) {
            arrivals.arrived(new CommandKey(blockId, event.causationId()), event);
        }
        listeners.forEach(Runnable::run);
    }
}
