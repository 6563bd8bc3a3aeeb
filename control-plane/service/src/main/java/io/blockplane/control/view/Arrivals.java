package io.blockplane.control.view;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Those who wait until something shows up in a view. Thread safe. */
public final class Arrivals<K, V> {

    private final Map<K, List<CompletableFuture<V>>> waiting = new HashMap<>();

    /**
     * Completes when the key arrives, at once when the view has it. Cancel it to wait no longer.
     *
     * @param view what the view has of the key now
     */
    public CompletableFuture<V> await(K key, Supplier<Optional<V>> view) {
        CompletableFuture<V> arrival = new CompletableFuture<>();
        add(key, arrival);
        var _ = arrival.whenComplete((_, _) -> removeDone(key));
        // Looked at after the registration: else it could come in between and be missed.
        view.get().ifPresent(arrival::complete);
        return arrival;
    }

    /** To be called when the view has it. */
    public void arrived(K key, V value) {
        for (CompletableFuture<V> arrival : waitingFor(key)) {
            arrival.complete(value);
        }
    }

    private synchronized void add(K key, CompletableFuture<V> arrival) {
        waiting.computeIfAbsent(key, _ -> new ArrayList<>()).add(arrival);
    }

    private synchronized void removeDone(K key) {
        List<CompletableFuture<V>> left = waiting.get(key);
        if (left != null && left.removeIf(CompletableFuture::isDone) && left.isEmpty()) {
            waiting.remove(key);
        }
    }

    private synchronized List<CompletableFuture<V>> waitingFor(K key) {
        return List.copyOf(waiting.getOrDefault(key, List.of()));
    }
}
