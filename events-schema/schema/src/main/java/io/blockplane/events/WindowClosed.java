package io.blockplane.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rolling windows of a block and its instances at one instant of event time: topic {@link
 * Topic#WINDOWS}. A window of length W holds the tasks with {@code asOfMs - W <= atMs < asOfMs}
 * that stood in the log before the event that moved time to {@code asOfMs}. Never revised: a task
 * that comes later counts in the next one.
 *
 * @param asOfMs the instant, epoch milliseconds, a multiple of 1000
 * @param gapMs event time skipped since the window before because nothing, not even a tick, was
 *     logged; 0 normally
 * @param lateTasks tasks since the window before whose second had been closed already; counted, in
 *     this window
 * @param expiredTasks tasks since the window before that were older than the longest window; not
 *     counted, named here
 * @param block all instances together, instances that are gone included
 * @param instances by id
 */
public record WindowClosed(
        String blockId,
        long asOfMs,
        long gapMs,
        int lateTasks,
        int expiredTasks,
        WindowStats block,
        List<InstanceWindow> instances)
        implements Event {

    public WindowClosed {
        instances = List.copyOf(instances);
    }

    @Override
    public String subject() {
        return blockId;
    }

    /** The id of the window of a block at an instant: what decisions refer to. */
    public static String id(String blockId, long asOfMs) {
        return "win-" + blockId + "-" + asOfMs;
    }

    /**
     * The windows of one instance.
     *
     * @param reported what it said of itself last, within 15 minutes; absent when it says nothing
     */
    public record InstanceWindow(String instanceId, WindowStats stats, @Nullable Json reported) {

        /** Of an instance that says nothing of itself. */
        public InstanceWindow(String instanceId, WindowStats stats) {
            this(instanceId, stats, null);
        }
    }
}
