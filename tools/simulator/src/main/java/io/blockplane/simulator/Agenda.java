package io.blockplane.simulator;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What is still to happen: earliest first; of what happens at one time, by {@link Rank}; of one
 * rank, in the order in which it was put in. So a run has one order, whatever the machine.
 */
final class Agenda {

    /** The order of what happens at the same time. */
    enum Rank {
        /** Instances come and go, so that what follows finds them as they are then. */
        LIFECYCLE,
        /** Instances answer, so that their places are free for who comes. */
        SERVED,
        /** Deadlines pass: an answer at the deadline was in time. */
        EXPIRED,
        /** Failed attempts are made again. */
        RETRIED,
        /** Requests come in. */
        ARRIVED,
        /** The second's boundary, with all of the second before it. */
        TICKED,
        /** Policies decide and it takes effect. */
        DECIDED
    }

    private final PriorityQueue<Entry> entries = new PriorityQueue<>();
    private long number;

    private record Entry(long atNanos, Rank rank, long number, Runnable action)
            implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            if (atNanos != other.atNanos) {
                return atNanos < other.atNanos ? -1 : 1;
            }
            return rank == other.rank
                    ? Long.compare(number, other.number)
                    : rank.compareTo(other.rank);
        }
    }

    /** Puts something in. */
    void put(long atNanos, Rank rank, Runnable action) {
        entries.add(new Entry(atNanos, rank, number++, action));
    }

    /** When the next thing happens; {@link Long#MAX_VALUE} when nothing does. */
    long nextNanos() {
        Entry next = entries.peek();
        return next == null ? Long.MAX_VALUE : next.atNanos;
    }

    /** Takes the next thing out; null when there is none. */
    @Nullable Runnable poll() {
        Entry next = entries.poll();
        return next == null ? null : next.action;
    }
}
