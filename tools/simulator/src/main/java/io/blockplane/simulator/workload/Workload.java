package io.blockplane.simulator.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Requests in the order of their arrival.
 *
 * @param kind {@code log}, {@code azure}, {@code mooncake}, {@code csv}, {@code synthetic}
 * @param name of the file or broker
 * @param sha256 of what was read, hex
 * @param originMs epoch milliseconds of the origin of the requests' times, a multiple of 1000, at
 *     or before the first arrival
 * @param requests not empty
 */
public record Workload(
        String kind, String name, String sha256, long originMs, List<Request> requests) {

    private static final double NANOS_PER_SECOND = 1e9;

    public Workload {
        requests = Collections.unmodifiableList(requests);
        if (requests.isEmpty()) {
            throw new IllegalArgumentException(name + ": no requests (expected: at least one)");
        }
        if (originMs % 1000 != 0) {
            throw new IllegalArgumentException(
                    "originMs: " + originMs + " (expected: a multiple of 1000)");
        }
        long last = 0;
        for (Request request : requests) {
            if (request.atNanos() < last) {
                throw new IllegalArgumentException(
                        "requests: number %d comes before the one before it"
                                .formatted(request.index()));
            }
            last = request.atNanos();
        }
    }

    public int size() {
        return requests.size();
    }

    /** When the first request comes in. */
    public long firstNanos() {
        return requests.getFirst().atNanos();
    }

    /** When the last request comes in. */
    public long lastNanos() {
        return requests.getLast().atNanos();
    }

    /** From the first to the last arrival. */
    public double seconds() {
        return (lastNanos() - firstNanos()) / NANOS_PER_SECOND;
    }

    /** The same requests in less time: at {@code factor} times the pace. */
    public Workload faster(double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("speed: " + factor + " (expected: > 0)");
        }
        if (factor == 1) {
            return this;
        }
        List<Request> faster = new ArrayList<>(requests.size());
        for (Request r : requests) {
            faster.add(
                    new Request(
                            r.index(),
                            (long) (r.atNanos() / factor),
                            r.session(),
                            r.seqNo(),
                            r.tokensIn(),
                            r.tokensOut(),
                            r.ordered(),
                            r.serviceNanos()));
        }
        return new Workload(kind, name, sha256, originMs, faster);
    }

    /** The requests of the first seconds. */
    public Workload first(double seconds) {
        long end = firstNanos() + (long) (seconds * NANOS_PER_SECOND);
        List<Request> kept = requests.stream().filter(r -> r.atNanos() <= end).toList();
        return new Workload(kind, name, sha256, originMs, kept);
    }
}
