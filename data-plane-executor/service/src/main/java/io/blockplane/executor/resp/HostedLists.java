package io.blockplane.executor.resp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lists in memory, for instances that have no Redis of their own: pushed to at one end, taken from
 * at the other, by who waited longest. Nothing in them is the only copy of anything. Thread safe.
 */
final class HostedLists {

    static final int MAX_LISTS = 1024;

    /** Elements of one list; more are refused. */
    static final int MAX_ELEMENTS = 10_000;

    /** Bytes of all elements of all lists; more are refused. */
    static final long MAX_BYTES = 256L * 1024 * 1024;

    // All below: under this object's lock.
    private final Map<String, Deque<byte[]>> lists = new HashMap<>();
    private final Map<String, Set<Waiter>> waiters = new HashMap<>();
    private long bytes;

    /** What a blocking pop got. */
    record Popped(String key, Reply.Bulk element) {}

    /** Somebody who waits for the first element of any of these lists. */
    static final class Waiter {

        private final List<String> keys;
        private final CompletableFuture<@Nullable Popped> popped = new CompletableFuture<>();

        private Waiter(List<String> keys) {
            this.keys = List.copyOf(keys);
        }

        /** Completes with what it got; with null when it was given up. */
        CompletableFuture<@Nullable Popped> popped() {
            return popped;
        }
    }

    /**
     * Pushes to the left.
     *
     * @return the length of the list then; empty when that is too much
     */
    Pushed push(String key, byte[] element) {
        Waiter served;
        synchronized (this) {
            served = nextWaiter(key);
            if (served == null) {
                return append(key, element);
            }
        }
        served.popped.complete(new Popped(key, new Reply.Bulk(element)));
        return new Pushed.Length(1);
    }

    /** What became of a push. */
    sealed interface Pushed {
        record Length(int elements) implements Pushed {}

        record Full(String detail) implements Pushed {}
    }

    /** Pops from the right of the first of these lists that has something, now or later. */
    Waiter pop(List<String> keys) {
        Waiter waiter = new Waiter(keys);
        Popped now = null;
        synchronized (this) {
            for (String key : waiter.keys) {
                Deque<byte[]> list = lists.get(key);
                if (list != null && now == null) {
                    now = new Popped(key, new Reply.Bulk(take(key, list)));
                }
            }
            if (now == null) {
                for (String key : waiter.keys) {
                    waiters.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(waiter);
                }
            }
        }
        if (now != null) {
            waiter.popped.complete(now);
        }
        return waiter;
    }

    /** It waits no longer. */
    void giveUp(Waiter waiter) {
        synchronized (this) {
            forget(waiter);
        }
        waiter.popped.complete(null);
    }

    synchronized int length(String key) {
        Deque<byte[]> list = lists.get(key);
        return list == null ? 0 : list.size();
    }

    /** Removes the first element equal to this from the right; returns how many that were. */
    synchronized int remove(String key, byte[] element) {
        Deque<byte[]> list = lists.get(key);
        if (list == null) {
            return 0;
        }
        Iterator<byte[]> rightToLeft = list.descendingIterator();
        while (rightToLeft.hasNext()) {
            if (Arrays.equals(rightToLeft.next(), element)) {
                rightToLeft.remove();
                bytes -= element.length;
                dropIfEmpty(key, list);
                return 1;
            }
        }
        return 0;
    }

    /** Nobody waits any longer. */
    void close() {
        List<Waiter> all;
        synchronized (this) {
            Set<Waiter> distinct = new HashSet<>();
            waiters.values().forEach(distinct::addAll);
            all = new ArrayList<>(distinct);
            waiters.clear();
        }
        all.forEach(waiter -> waiter.popped.complete(null));
    }

    private Pushed append(String key, byte[] element) {
        Deque<byte[]> list = lists.get(key);
        if (list == null && lists.size() == MAX_LISTS) {
            return new Pushed.Full(MAX_LISTS + " lists are there (expected: fewer)");
        }
        if (bytes + element.length > MAX_BYTES) {
            return new Pushed.Full(
                    "the lists hold %d bytes (expected: at most %d)".formatted(bytes, MAX_BYTES));
        }
        if (list == null) {
            list = new ArrayDeque<>();
            lists.put(key, list);
        }
        if (list.size() == MAX_ELEMENTS) {
            return new Pushed.Full(key + " holds " + MAX_ELEMENTS + " elements (expected: fewer)");
        }
        list.addFirst(element);
        bytes += element.length;
        return new Pushed.Length(list.size());
    }

    private byte[] take(String key, Deque<byte[]> list) {
        byte[] element = list.removeLast();
        bytes -= element.length;
        dropIfEmpty(key, list);
        return element;
    }

    private void dropIfEmpty(String key, Deque<byte[]> list) {
        if (list.isEmpty()) {
            lists.remove(key);
        }
    }

    private @Nullable Waiter nextWaiter(String key) {
        Set<Waiter> waiting = waiters.get(key);
        if (waiting == null) {
            return null;
        }
        Waiter first = waiting.iterator().next();
        forget(first);
        return first;
    }

    private void forget(Waiter waiter) {
        for (String key : waiter.keys) {
            Set<Waiter> waiting = waiters.get(key);
            if (waiting != null && waiting.remove(waiter) && waiting.isEmpty()) {
                waiters.remove(key);
            }
        }
    }
}
