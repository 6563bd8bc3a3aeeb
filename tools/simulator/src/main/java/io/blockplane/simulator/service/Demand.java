package io.blockplane.simulator.service;

import io.blockplane.simulator.Chance;
import io.blockplane.simulator.workload.Request;
import java.util.List;

/** How long a place at an instance is taken by a request that shares it with nobody. */
public sealed interface Demand {

    /** Of this request in the run of this seed. */
    long nanos(Request request, long seed);

    /** Over many requests, seconds. */
    double meanSeconds();

    /** In words. */
    String text();

    /** Always the same. */
    record Constant(double seconds) implements Demand {
        public Constant {
            checkSeconds(seconds);
        }

        @Override
        public long nanos(Request request, long seed) {
            return (long) (seconds * 1e9);
        }

        @Override
        public double meanSeconds() {
            return seconds;
        }

        @Override
        public String text() {
            return "constant " + seconds + " s";
        }
    }

    /** Exponentially distributed, without memory. */
    record Exponential(double meanSeconds) implements Demand {
        public Exponential {
            checkSeconds(meanSeconds);
        }

        @Override
        public long nanos(Request request, long seed) {
            double unit = Chance.of(seed, Chance.Stream.SERVICE, request.index()).nextDouble();
            return (long) (-Math.log1p(-unit) * meanSeconds * 1e9);
        }

        @Override
        public String text() {
            return "exponential, mean " + meanSeconds + " s";
        }
    }

    /** What was recorded: the request's own time, or where that is not known one that was seen. */
    record Empirical(List<Long> sortedNanos) implements Demand {

        /** Of what was seen, at least one. */
        public static Empirical of(List<Long> nanos) {
            if (nanos.isEmpty()) {
                throw new IllegalArgumentException("times: none (expected: at least one)");
            }
            return new Empirical(nanos.stream().sorted().toList());
        }

        @Override
        public long nanos(Request request, long seed) {
            return request.serviceNanos() >= 0
                    ? request.serviceNanos()
                    : sortedNanos.get(
                            Chance.of(seed, Chance.Stream.SERVICE, request.index())
                                    .nextInt(sortedNanos.size()));
        }

        @Override
        public double meanSeconds() {
            return sortedNanos.stream().mapToLong(Long::longValue).average().orElse(0) / 1e9;
        }

        @Override
        public String text() {
            return "recorded service times, mean %.3f s of %d"
                    .formatted(meanSeconds(), sortedNanos.size());
        }
    }

    private static void checkSeconds(double seconds) {
        if (!(seconds > 0) || !Double.isFinite(seconds)) {
            throw new IllegalArgumentException("seconds: " + seconds + " (expected: > 0)");
        }
    }
}
