package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Finds what led to a decision and what followed from it, by the ids that each record carries. */
public final class Explain {

    private Explain() {}

    /** The explanation of a decision; empty when the log has no decision of this id. */
    public static Optional<Explanation> decision(LogSource log, String decisionId)
            throws IOException {
        List<LogRecord<Event>> found =
                select(log, Topic.DECISIONS, r -> r.envelope().id().equals(decisionId));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        LogRecord<Event> decision = found.getLast();
        LogRecord<Event> window = window(log, decision.envelope().causationId());
        List<LogRecord<Event>> commands =
                select(log, Topic.COMMANDS, r -> decisionId.equals(r.envelope().causationId()));
        List<String> commandIds = commands.stream().map(c -> c.envelope().id()).toList();
        List<LogRecord<Event>> events =
                commandIds.isEmpty()
                        ? List.of()
                        : select(
                                log,
                                Topic.EVENTS,
                                r ->
                                        r.envelope().causationId() != null
                                                && commandIds.contains(r.envelope().causationId()));
        SortedMap<String, Explanation.TaskSum> tasks =
                window == null ? new TreeMap<>() : tasks(log, (WindowClosed) window.event());
        return Optional.of(new Explanation(decision, window, tasks, commands, events));
    }

    private static @Nullable LogRecord<Event> window(LogSource log, @Nullable String windowId)
            throws IOException {
        if (windowId == null) {
            return null;
        }
        List<LogRecord<Event>> found =
                select(log, Topic.WINDOWS, r -> r.envelope().id().equals(windowId));
        return found.isEmpty() ? null : found.getLast();
    }

    private static SortedMap<String, Explanation.TaskSum> tasks(LogSource log, WindowClosed window)
            throws IOException {
        SortedMap<String, Explanation.TaskSum> sums = new TreeMap<>();
        long from = window.asOfMs() - Explanation.LOOK_BACK_MS;
        log.read(
                Topic.TASKS,
                linked(record -> {
                    if (record.event() instanceof TaskFinished task
                            && task.blockId().equals(window.blockId())
                            && task.atMs() >= from
                            && task.atMs() < window.asOfMs()) {
                        sums.merge(
                                task.instanceId() == null ? "-" : task.instanceId(),
                                new Explanation.TaskSum(
                                        1,
                                        task.outcome() == Outcome.COMPLETED ? 0 : 1,
                                        task.tokensIn(),
                                        task.tokensOut()),
                                Explanation.TaskSum::plus);
                    }
                }));
        return sums;
    }

    /** What can't be read is linked to nothing; {@link Verify} is there to tell of it. */
    private static LogSource.Reader linked(Consumer<LogRecord<Event>> handler) {
        return new LogSource.Reader() {
            @Override
            public void event(LogRecord<Event> record) {
                handler.accept(record);
            }

            @Override
            public void unreadable(ConsumerRecord<String, byte[]> record, String reason) {}
        };
    }

    private static List<LogRecord<Event>> select(
            LogSource log, Topic topic, Predicate<LogRecord<Event>> wanted) throws IOException {
        List<LogRecord<Event>> found = new ArrayList<>();
        log.read(
                topic,
                linked(record -> {
                    if (wanted.test(record)) {
                        found.add(record);
                    }
                }));
        return found;
    }
}
