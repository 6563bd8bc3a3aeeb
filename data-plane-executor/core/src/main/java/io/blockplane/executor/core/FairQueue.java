package io.blockplane.executor.core;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait, fair to sessions: each session in turn gets one task out, its oldest, so a
 * session that sends a thousand at once holds up the others by one. Bounded. All operations take
 * the same time however many wait.
 *
 * @param <T> a task
 */
public final class FairQueue<T> {

    private int maxTasks;

    /** Sessions with a task that waits, the one whose turn it is first. */
    private final Map<String, Line<T>> lines = new LinkedHashMap<>();

    private int size;

    /** One session's tasks, oldest first. */
    private static final class Line<T> {
        private final String session;
        private @Nullable Place<T> first;
        private @Nullable Place<T> last;
        private int length;

        private Line(String session) {
            this.session = session;
        }
    }

    /** A task's place in the queue. */
    public static final class Place<T> {
        private final T task;
        private @Nullable Line<T> line;
        private @Nullable Place<T> before;
        private @Nullable Place<T> after;

        private Place(T task, Line<T> line) {
            this.task = task;
            this.line = line;
        }

        public T task() {
            return task;
        }
    }

    /**
     * Makes an empty queue.
     *
     * @param maxTasks 0 for a queue that takes none
     */
    public FairQueue(int maxTasks) {
        this.maxTasks = maxTasks;
    }

    /** Holds so many from now on; those that are too many stay. */
    public void limit(int tasks) {
        maxTasks = tasks;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Whether one of this session waits. */
    public boolean waits(String session) {
        return lines.containsKey(session);
    }

    /** Whether there is no place for another one. */
    public boolean isFull() {
        return size >= maxTasks;
    }

    /** How many are served before a new task of this session, at most. */
    public int ahead(String session) {
        Line<T> own = lines.get(session);
        long rounds = own == null ? 1 : own.length + 1L;
        return (int) Math.min(size, rounds * lines.size());
    }

    /** Puts a task behind the others of its session; null when the queue is full. */
    public @Nullable Place<T> offer(String session, T task) {
        if (isFull()) {
            return null;
        }
        Line<T> line = lines.computeIfAbsent(session, Line::new);
        Place<T> place = new Place<>(task, line);
        Place<T> last = line.last;
        place.before = last;
        if (last == null) {
            line.first = place;
        } else {
            last.after = place;
        }
        line.last = place;
        line.length++;
        size++;
        return place;
    }

    /** The task whose turn it is, left where it is; null when none waits. */
    public @Nullable T peek() {
        if (size == 0) {
            return null;
        }
        return front().task;
    }

    /** Takes out the task whose turn it is; its session is last in turn then. */
    public @Nullable T poll() {
        if (size == 0) {
            return null;
        }
        Place<T> place = front();
        Line<T> line = place.line;
        remove(place);
        if (line != null && line.length > 0) {
            lines.remove(line.session);
            lines.put(line.session, line);
        }
        return place.task;
    }

    /** Sessions with a task that waits. */
    public int sessions() {
        return lines.size();
    }

    /** The task whose turn it is stays; its session is last in turn then. */
    public void pass() {
        Line<T> line = size == 0 ? null : front().line;
        if (line != null) {
            lines.remove(line.session);
            lines.put(line.session, line);
        }
    }

    /** Takes a task out that need not wait any more. False when it is not in the queue. */
    public boolean remove(Place<T> place) {
        Line<T> line = place.line;
        if (line == null) {
            return false;
        }
        place.line = null;
        Place<T> before = place.before;
        Place<T> after = place.after;
        if (before == null) {
            line.first = after;
        } else {
            before.after = after;
        }
        if (after == null) {
            line.last = before;
        } else {
            after.before = before;
        }
        line.length--;
        size--;
        if (line.length == 0) {
            lines.remove(line.session);
        }
        return true;
    }

    private Place<T> front() {
        Place<T> first = lines.values().iterator().next().first;
        if (first == null) {
            throw new IllegalStateException("a session without a task waits");
        }
        return first;
    }
}
