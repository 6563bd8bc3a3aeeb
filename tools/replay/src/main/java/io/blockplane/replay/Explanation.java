package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The chain around one decision, each link with its numbers.
 *
 * @param window that the decision was taken on; null when it was taken on none
 * @param tasks of the minute that the window looks back on, by instance ({@code -}: those that
 *     reached none)
 * @param commands that it caused
 * @param events that those caused, in order
 */
public record Explanation(
        LogRecord<Event> decision,
        @Nullable LogRecord<Event> window,
        SortedMap<String, TaskSum> tasks,
        List<LogRecord<Event>> commands,
        List<LogRecord<Event>> events) {

    /** The window of tasks that is summed: the one that {@code average_1m} looks back on. */
    public static final long LOOK_BACK_MS = 60_000;

    /** Tasks of one instance, added up. */
    public record TaskSum(long tasks, long failed, long tokensIn, long tokensOut) {
        static final TaskSum NONE = new TaskSum(0, 0, 0, 0);

        TaskSum plus(TaskSum other) {
            return new TaskSum(
                    tasks + other.tasks,
                    failed + other.failed,
                    tokensIn + other.tokensIn,
                    tokensOut + other.tokensOut);
        }
    }

    public PolicyDecided decided() {
        return (PolicyDecided) decision.event();
    }

    public @Nullable WindowClosed windowClosed() {
        return window == null ? null : (WindowClosed) window.event();
    }

    /** All tasks together. */
    public TaskSum total() {
        return tasks.values().stream().reduce(TaskSum.NONE, TaskSum::plus);
    }
}
