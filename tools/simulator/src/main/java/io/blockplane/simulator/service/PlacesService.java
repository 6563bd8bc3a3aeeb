package io.blockplane.simulator.service;

import io.blockplane.simulator.workload.Request;
import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Instances with a number of places that do not disturb each other: who finds none free waits in
 * the instance, first come first served. With exponential demand one such instance is an M/M/n
 * queue when arrivals are Poisson.
 *
 * @param places of each instance, at least 1
 */
public record PlacesService(int places, Demand demand) implements ServiceModel {

    public PlacesService {
        if (places < 1) {
            throw new IllegalArgumentException("places: " + places + " (expected: >= 1)");
        }
    }

    @Override
    public String description() {
        return "%d places an instance, %s".formatted(places, demand.text());
    }

    @Override
    public Server server(int ordinal, long seed) {
        return new OfPlaces(seed);
    }

    @Override
    public double workSeconds(Request request) {
        return demand.meanSeconds() / places;
    }

    private record Running(long endsNanos, Request request) implements Comparable<Running> {
        @Override
        public int compareTo(Running other) {
            return endsNanos == other.endsNanos
                    ? Integer.compare(request.index(), other.request.index())
                    : Long.compare(endsNanos, other.endsNanos);
        }
    }

    private final class OfPlaces implements Server {

        private final long seed;
        private final PriorityQueue<Running> running = new PriorityQueue<>();
        private final ArrayDeque<Request> waiting = new ArrayDeque<>();

        OfPlaces(long seed) {
            this.seed = seed;
        }

        @Override
        public boolean offer(Request request, long nowNanos) {
            waiting.add(request);
            begin(nowNanos);
            return true;
        }

        @Override
        public void cancel(Request request, long nowNanos) {
            waiting.remove(request);
            running.removeIf(r -> r.request.equals(request));
            begin(nowNanos);
        }

        @Override
        public long nextNanos() {
            Running next = running.peek();
            return next == null ? IDLE : next.endsNanos;
        }

        @Override
        public void advance(long nowNanos, Consumer<Request> answered) {
            for (Running next = running.peek();
                    next != null && next.endsNanos <= nowNanos;
                    next = running.peek()) {
                running.remove();
                begin(next.endsNanos);
                answered.accept(next.request);
            }
        }

        private void begin(long atNanos) {
            while (running.size() < places && !waiting.isEmpty()) {
                Request next = waiting.remove();
                running.add(new Running(atNanos + demand.nanos(next, seed), next));
            }
        }
    }
}
