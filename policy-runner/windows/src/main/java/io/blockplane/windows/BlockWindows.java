package io.blockplane.windows;

import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceEjected;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.InstanceReadmitted;
import io.blockplane.events.TaskEvent.InstanceReported;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rolling windows of one block, from its task events alone: equal events in equal order give
 * equal windows, whatever other blocks do, however the events are batched and however often the
 * state is stored and restored in between.
 *
 * <ol>
 *   <li>The block's clock is the second of the latest event so far. The first event sets it.
 *   <li>An event in a later second moves it, and so passes one or more ticks, the instants between
 *       seconds. For each tick T a window is closed <em>before</em> the event counts: it holds the
 *       tasks with {@code T - W <= atMs < T} that came before.
 *   <li>When more than {@link #MAX_CATCH_UP_MS} of ticks are passed at once, only the window of the
 *       last one is closed; its {@code gapMs} says for how much time there is none.
 *   <li>An event in an earlier second counts there, in every window that closes from now on and
 *       holds its second, and a task is reported as late. Windows that were closed stay as they
 *       are. An event that the next tick's longest window can't hold is not counted, and a task is
 *       reported as expired.
 *   <li>An instance is in a window when a tick of the last minute names it or a task of the last 15
 *       minutes was with it. What it said of itself last, within 15 minutes, is there, too.
 * </ol>
 *
 * Not thread safe. What an event must be is said by {@link EventLimits#refusal}.
 */
public final class BlockWindows {

    /** Ticks that are passed at once and still get a window each, in milliseconds of event time. */
    public static final long MAX_CATCH_UP_MS = 60_000;

    private static final long SECOND_MS = 1_000;
    private static final String CLOCK_ENTRY = "clock";
    private static final String BLOCK_ENTRY = "b/";
    private static final String INSTANCE_ENTRY = "i/";

    private final String blockId;
    private final TreeMap<String, Series> instances = new TreeMap<>();
    private final Reports reports = new Reports();

    /** Instances that something was counted for since changes were written. */
    private final TreeSet<String> touched = new TreeSet<>();

    /** What the store still has of instances that are gone. */
    private final TreeMap<String, BitSet> gone = new TreeMap<>();

    /** Absent until the first event. */
    private @Nullable Series block;

    private long openSecond;
    private int lateTasks;
    private int expiredTasks;
    private boolean clockChanged;
    private long untracked;

    public BlockWindows(String blockId) {
        this.blockId = blockId;
    }

    public String blockId() {
        return blockId;
    }

    /**
     * Counts an event and returns the windows that it closed, oldest first; most close none.
     *
     * @throws IllegalArgumentException when {@link EventLimits} refuse the event, or it is another
     *     block's; nothing has changed then
     */
    public List<WindowClosed> apply(TaskEvent event) {
        EventLimits.refusal(event)
                .ifPresent(reason -> {
                    throw new IllegalArgumentException(reason);
                });
        if (!event.blockId().equals(blockId)) {
            throw new IllegalArgumentException(
                    "blockId: " + event.blockId() + " (expected: " + blockId + ")");
        }
        long second = event.atMs() / SECOND_MS;
        Series whole = block;
        if (whole == null) {
            openSecond = second;
            clockChanged = true;
            whole = new Series(second);
            block = whole;
        }
        List<WindowClosed> closed = moveTo(second, whole);
        count(event, second, whole);
        return closed;
    }

    /**
     * How often since this object was made a task or tick could not be counted for its instance,
     * because {@link EventLimits#MAX_INSTANCES} others are there. Not part of the state.
     */
    public long untracked() {
        return untracked;
    }

    private List<WindowClosed> moveTo(long second, Series whole) {
        List<WindowClosed> closed = new ArrayList<>();
        long ticks = second - openSecond;
        if (ticks > MAX_CATCH_UP_MS / SECOND_MS) {
            advance(ticks - 1, whole);
            closed.add(close((ticks - 1) * SECOND_MS, whole));
            return closed;
        }
        for (long i = 0; i < ticks; i++) {
            closed.add(close(0, whole));
        }
        return closed;
    }

    /** Closes the window at the end of the open second and opens the next second. */
    private WindowClosed close(long gapMs, Series whole) {
        List<InstanceWindow> documents = new ArrayList<>();
        int room = Reports.MAX_CHARS_OF_A_WINDOW;
        for (Map.Entry<String, Series> instance : instances.entrySet()) {
            if (isPresent(instance.getValue())) {
                Json reported = reports.of(instance.getKey());
                room -= reported == null ? 0 : reported.text().length();
                documents.add(
                        new InstanceWindow(
                                instance.getKey(),
                                Statistics.of(instance.getValue()),
                                room < 0 ? null : reported));
            }
        }
        WindowClosed window =
                new WindowClosed(
                        blockId,
                        (openSecond + 1) * SECOND_MS,
                        gapMs,
                        lateTasks,
                        expiredTasks,
                        Statistics.of(whole),
                        documents);
        lateTasks = 0;
        expiredTasks = 0;
        advance(1, whole);
        return window;
    }

    private static boolean isPresent(Series series) {
        return series.oneMinute().sum(Measure.TICKS) > 0
                || series.fifteenMinutes().sum(Measure.TASKS) > 0;
    }

    private void advance(long seconds, Series whole) {
        openSecond += seconds;
        clockChanged = true;
        whole.advance(seconds);
        instances.values().forEach(series -> series.advance(seconds));
        instances.entrySet().removeIf(entry -> dropIfEmpty(entry.getKey(), entry.getValue()));
        reports.expire(openSecond);
    }

    private boolean dropIfEmpty(String id, Series series) {
        if (!series.isEmpty()) {
            return false;
        }
        touched.remove(id);
        if (!series.stored().isEmpty()) {
            gone.computeIfAbsent(id, _ -> new BitSet()).or(series.stored());
        }
        return true;
    }

    private void count(TaskEvent event, long second, Series whole) {
        boolean expired = second <= openSecond - Series.SECONDS;
        if (event instanceof TaskFinished && second < openSecond) {
            lateTasks += expired ? 0 : 1;
            expiredTasks += expired ? 1 : 0;
            clockChanged = true;
        }
        if (expired) {
            return;
        }
        switch (event) {
            case TaskFinished task -> {
                Tally seen = Tally.ofTask(task);
                whole.add(second, seen);
                if (task.instanceId() != null) {
                    countInstance(task.instanceId(), second, seen);
                }
            }
            case Ticked tick -> {
                long outstanding = tick.queued();
                for (InstanceLoad load : tick.instances()) {
                    outstanding += load.outstanding();
                    countInstance(load.instanceId(), second, Tally.ofTick(load.outstanding()));
                }
                whole.add(second, Tally.ofTick(outstanding));
            }
            case InstanceEjected _, InstanceReadmitted _ -> {
                // What they say of an instance shows in its tasks.
            }
            case InstanceReported report -> untracked += reports.add(report, second) ? 0 : 1;
        }
    }

    private void countInstance(String id, long second, Tally seen) {
        Series series = instances.get(id);
        if (series == null) {
            if (instances.size() >= EventLimits.MAX_INSTANCES) {
                untracked++;
                return;
            }
            series = new Series(openSecond);
            instances.put(id, series);
        }
        series.add(second, seen);
        touched.add(id);
    }

    /** The whole state; equal states have equal bytes. */
    public byte[] snapshot() {
        StateWriter writer = new StateWriter();
        Series whole = block;
        if (whole != null) {
            writer.text(CLOCK_ENTRY).block(clock());
            whole.forEachSecond((bytes, index) -> writer.text(BLOCK_ENTRY + index).block(bytes));
            instances.forEach((id, series) ->
                    series.forEachSecond(
                            (bytes, index) -> writer.text(instanceEntry(id, index)).block(bytes)));
            reports.writeAll(writer);
        }
        return writer.toBytes();
    }

    /** What {@link #snapshot} was taken of. */
    public static BlockWindows restore(String blockId, byte[] snapshot) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        StateReader reader = new StateReader(snapshot);
        while (reader.hasMore()) {
            entries.put(reader.text(), reader.block());
        }
        return restore(blockId, entries);
    }

    /**
     * Writes what changed since the last call, or since this object was made or restored. All that
     * was ever written to a sink, put together, is the state.
     */
    public void writeChanges(StateSink sink) {
        gone.forEach((id, stored) ->
                stored.stream().forEach(index -> sink.delete(instanceEntry(id, index))));
        gone.clear();
        if (clockChanged) {
            sink.put(CLOCK_ENTRY, clock());
            clockChanged = false;
        }
        if (block != null) {
            block.writeChanges(index -> BLOCK_ENTRY + index, sink);
        }
        for (String id : touched) {
            Series series = instances.get(id);
            if (series != null) {
                series.writeChanges(index -> instanceEntry(id, index), sink);
            }
        }
        touched.clear();
        reports.writeChanges(sink);
    }

    /**
     * What a sink has.
     *
     * @throws IllegalStateException when these are not the entries of a block's windows
     */
    public static BlockWindows restore(String blockId, Map<String, byte[]> entries) {
        BlockWindows windows = new BlockWindows(blockId);
        byte[] clock = entries.get(CLOCK_ENTRY);
        if (clock == null) {
            if (!entries.isEmpty()) {
                throw new IllegalStateException(
                        "stored windows of block " + blockId + ": the clock is missing");
            }
            return windows;
        }
        StateReader reader = new StateReader(clock);
        windows.openSecond = reader.number();
        windows.lateTasks = reader.count();
        windows.expiredTasks = reader.count();
        Series whole = new Series(windows.openSecond);
        windows.block = whole;
        entries.forEach((name, bytes) -> windows.load(name, bytes, whole));
        windows.reports.load(entries);
        return windows;
    }

    private void load(String name, byte[] bytes, Series whole) {
        if (name.startsWith(BLOCK_ENTRY)) {
            whole.load(Integer.parseInt(name.substring(BLOCK_ENTRY.length())), bytes);
        } else if (name.startsWith(INSTANCE_ENTRY)) {
            int slash = name.indexOf('/', INSTANCE_ENTRY.length());
            int index = Integer.parseInt(name.substring(INSTANCE_ENTRY.length(), slash));
            instances
                    .computeIfAbsent(name.substring(slash + 1), _ -> new Series(openSecond))
                    .load(index, bytes);
        }
    }

    private byte[] clock() {
        return new StateWriter()
                .number(openSecond)
                .number(lateTasks)
                .number(expiredTasks)
                .toBytes();
    }

    private static String instanceEntry(String id, int index) {
        return INSTANCE_ENTRY + index + "/" + id;
    }
}
