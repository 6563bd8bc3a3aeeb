package io.blockplane.executor.core;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps tasks of one session in order: of each session one task runs, the others wait behind it in
 * the order of their arrival. Sessions do not wait for each other. Holds a bounded number of tasks.
 *
 * @param <S> what identifies a session
 * @param <T> a task
 */
public final class SessionQueues<S, T> {

    /** What became of an offered task. */
    public enum Admission {
        /** It may run now. */
        RUN,
        /** It waits; {@link #finish} hands it out. */
        WAIT,
        /** There is no place for it, and nothing was changed. */
        FULL
    }

    private final int maxTasks;

    /** A session is here while one of its tasks runs; in its queue are those that wait. */
    private final Map<S, Queue<T>> sessions = new HashMap<>();

    private int waiting;

    /**
     * Makes empty queues.
     *
     * @param maxTasks running and waiting ones together, at least 1
     */
    public SessionQueues(int maxTasks) {
        if (maxTasks < 1) {
            throw new IllegalArgumentException("maxTasks: " + maxTasks + " (expected: >= 1)");
        }
        this.maxTasks = maxTasks;
    }

    /** Takes a task in, behind the others of its session. */
    public Admission offer(S session, T task) {
        if (size() == maxTasks) {
            return Admission.FULL;
        }
        Queue<T> queue = sessions.get(session);
        if (queue == null) {
            sessions.put(session, new ArrayDeque<>(0));
            return Admission.RUN;
        }
        queue.add(task);
        waiting++;
        return Admission.WAIT;
    }

    /**
     * The session's running task ended.
     *
     * @return the one that runs now; null when none waits
     * @throws IllegalStateException when none was running
     */
    public @Nullable T finish(S session) {
        Queue<T> queue = sessions.get(session);
        if (queue == null) {
            throw new IllegalStateException("session " + session + " has no running task");
        }
        T next = queue.poll();
        if (next == null) {
            sessions.remove(session);
        } else {
            waiting--;
        }
        return next;
    }

    /** Tasks held: running and waiting. */
    public int size() {
        return sessions.size() + waiting;
    }

    /** Tasks that run: one for each session that has any. */
    public int running() {
        return sessions.size();
    }
}
