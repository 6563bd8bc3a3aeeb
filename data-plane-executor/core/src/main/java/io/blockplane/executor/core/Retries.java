package io.blockplane.executor.core;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether an accepted task is tried again after an attempt that gave no answer. Accepted work must
 * outlive instances that crash or restart, and a packet that kills each instance it meets must not
 * kill them all for ever. So two kinds of failure are bounded apart:
 *
 * <ul>
 *   <li><em>Not taken</em>: the instance had nothing of it (connection refused, UNAVAILABLE).
 *       Bounded by time only, {@link #NOT_TAKEN_LIMIT}, far above any restart. From one such
 *       attempt to the next no more than {@link #MAX_COUNTED} counts, so that a long time in which
 *       no instance is routable, or all are full, uses up little of it: nothing is attempted then.
 *   <li><em>Lost</em>: the connection broke while the instance had it. Bounded by number, {@link
 *       #MAX_LOST}.
 * </ul>
 *
 * @param lost attempts lost so far
 * @param notTaken attempts not taken in a row
 * @param notTakenFor what counts of the time from the first of them to the last
 * @param lastNotTaken when the last of them was; null when there is none
 */
public record Retries(
        int lost, int notTaken, Duration notTakenFor, @Nullable Instant lastNotTaken) {

    public static final int MAX_LOST = 5;
    public static final Duration NOT_TAKEN_LIMIT = Duration.ofMinutes(10);
    public static final Duration MAX_COUNTED = Duration.ofSeconds(5);
    public static final Duration FIRST_BACKOFF = Duration.ofMillis(20);
    public static final Duration MAX_BACKOFF = Duration.ofSeconds(1);

    public static final Retries NONE = new Retries(0, 0, Duration.ZERO, null);

    private static final int MAX_DOUBLINGS = 10;

    /** What follows from a failed attempt. */
    public sealed interface Verdict {

        /** Try again after this time, with this history. */
        record Again(Duration backoff, Retries history) implements Verdict {}

        /** The task has failed. */
        record GiveUp(String reason) implements Verdict {}
    }

    /** The connection broke while the instance had the task. */
    public Verdict afterLost(String detail) {
        int count = lost + 1;
        return count >= MAX_LOST
                ? new Verdict.GiveUp(
                        count + " times an instance was lost that had the task; last: " + detail)
                : new Verdict.Again(backoff(count), new Retries(count, 0, Duration.ZERO, null));
    }

    /** The instance did not take the task. */
    public Verdict afterNotTaken(Instant now, String detail) {
        Duration counted = notTakenFor.plus(counted(now));
        return counted.compareTo(NOT_TAKEN_LIMIT) > 0
                ? new Verdict.GiveUp(
                        "no instance took the task for "
                                + NOT_TAKEN_LIMIT.toMinutes()
                                + " minutes; last: "
                                + detail)
                : new Verdict.Again(
                        backoff(notTaken + 1), new Retries(lost, notTaken + 1, counted, now));
    }

    /** The wall clock may step back. */
    private Duration counted(Instant now) {
        if (lastNotTaken == null || now.isBefore(lastNotTaken)) {
            return Duration.ZERO;
        }
        Duration since = Duration.between(lastNotTaken, now);
        return since.compareTo(MAX_COUNTED) > 0 ? MAX_COUNTED : since;
    }

    private static Duration backoff(int failures) {
        Duration doubled = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        return doubled.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : doubled;
    }
}
