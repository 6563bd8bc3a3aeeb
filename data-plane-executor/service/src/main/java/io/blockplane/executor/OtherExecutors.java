package io.blockplane.executor;

import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What other executors have in the hands of instances, by their ticks: an instance that one
 * executor has done with may still work for another. The ticks are read only while that is asked
 * for. Used by one thread.
 */
final class OtherExecutors implements AutoCloseable {

    /**
     * How long is listened before the answer counts: two ticks of whoever lives, and time enough
     * for each to learn that the instance drains.
     */
    static final Duration LISTEN = Duration.ofMillis(2_500);

    private final Kafka kafka;
    private final String executorId;

    /** The newest tick of each executor and block. */
    private final Map<Source, Ticked> ticks = new ConcurrentHashMap<>();

    private @Nullable LogTail tail;
    private Instant since = Instant.MAX;

    OtherExecutors(Kafka kafka, String executorId) {
        this.kafka = kafka;
        this.executorId = executorId;
    }

    private record Source(String executorId, String blockId) {}

    /** Listens from now on; or stops, and forgets. */
    void listen(boolean wanted, Instant now) throws InterruptedException {
        LogTail open = tail;
        if (open != null && (!wanted || open.failure() != null)) {
            close();
            open = null;
        }
        if (open == null && wanted) {
            LogTail started =
                    LogTail.start(kafka, Topic.TASKS, 0, executorId + "-others", this::apply);
            tail = started;
            started.awaitCaughtUp();
            since = now;
        }
    }

    /** True: it was listened long enough, and no other executor has a task there. */
    boolean idle(String blockId, String instanceId, Instant now) {
        return !since.equals(Instant.MAX)
                && Duration.between(since, now).compareTo(LISTEN) >= 0
                && ticks.values().stream()
                        .filter(tick -> tick.blockId().equals(blockId))
                        .flatMap(tick -> tick.instances().stream())
                        .noneMatch(load ->
                                load.instanceId().equals(instanceId) && load.outstanding() > 0);
    }

    @Override
    public void close() {
        LogTail open = tail;
        if (open != null) {
            open.close();
        }
        tail = null;
        since = Instant.MAX;
        ticks.clear();
    }

    private void apply(LogRecord<Event> record) {
        if (record.event() instanceof Ticked tick && !tick.executorId().equals(executorId)) {
            ticks.put(new Source(tick.executorId(), tick.blockId()), tick);
        }
    }
}
