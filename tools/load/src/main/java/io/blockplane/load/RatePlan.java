package io.blockplane.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A rate over time: phases one after another, each constant or a straight ramp.
 *
 * <pre>
 * 200/30s              200 a second for 30 s
 * 100:2000/60s         from 100 to 2,000 a second within a minute
 * 100:500:5/50s        five steps of 10 s: 100, 200, 300, 400, 500
 * 50/1m,400/10s,50/1m  phases in a row
 * </pre>
 *
 * Times are {@code ms}, {@code s}, {@code m} or {@code h}.
 */
public record RatePlan(List<Phase> phases) {

    /** No more than this a second: one client would not reach it. */
    public static final double MAX_RATE = 1_000_000;

    /** No more steps than this in one phase. */
    public static final int MAX_STEPS = 1000;

    private static final double NANOS = 1e9;
    private static final Pattern PHASE =
            Pattern.compile(
                    "(\\d+(?:\\.\\d+)?)(?::(\\d+(?:\\.\\d+)?))?(?::(\\d+))?(?:/(\\d+)(ms|s|m|h))?");

    /**
     * One stretch of time.
     *
     * @param from requests a second at its beginning
     * @param to requests a second at its end
     */
    public record Phase(double from, double to, Duration duration) {

        public Phase {
            requireRate(from);
            requireRate(to);
            if (!duration.isPositive()) {
                throw new IllegalArgumentException(
                        "duration: " + duration + " (expected: more than 0)");
            }
        }

        /** Requests that are due until so many seconds into it. */
        double until(double seconds) {
            return from * seconds + (to - from) * seconds * seconds / (2 * seconds());
        }

        /** When so many requests are due, in seconds from its beginning: the inverse. */
        double when(double requests) {
            double slope = (to - from) / seconds();
            // The form of the root that stays exact when the slope is small.
            return 2
                    * requests
                    / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * requests)));
        }

        double total() {
            return until(seconds());
        }

        double seconds() {
            return duration.toNanos() / NANOS;
        }

        private static void requireRate(double rate) {
            if (!(rate >= 0 && rate <= MAX_RATE)) {
                throw new IllegalArgumentException(
                        "rate: %s (expected: 0 to %.0f a second)".formatted(rate, MAX_RATE));
            }
        }
    }

    public RatePlan {
        phases = List.copyOf(phases);
        if (phases.isEmpty()) {
            throw new IllegalArgumentException("rate: no phase (expected: at least one)");
        }
    }

    /**
     * Reads a plan.
     *
     * @param lasting of a phase that names no time
     * @throws IllegalArgumentException when it is none; the message says what was expected
     */
    public static RatePlan parse(String text, Duration lasting) {
        List<Phase> phases = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher m = PHASE.matcher(part.strip());
            if (!m.matches()) {
                throw new IllegalArgumentException(
                        "rate: "
                                + part
                                + " (expected: RATE, RATE/TIME, FROM:TO/TIME or"
                                + " FROM:TO:STEPS/TIME, as 200, 200/30s, 100:2000/60s)");
            }
            double from = Double.parseDouble(m.group(1));
            double to = m.group(2) == null ? from : Double.parseDouble(m.group(2));
            Duration duration =
                    m.group(4) == null ? lasting : time(Long.parseLong(m.group(4)), m.group(5));
            if (m.group(3) == null) {
                phases.add(new Phase(from, to, duration));
            } else {
                steps(from, to, Integer.parseInt(m.group(3)), duration, phases);
            }
        }
        return new RatePlan(phases);
    }

    public Duration duration() {
        return phases.stream().map(Phase::duration).reduce(Duration.ZERO, Duration::plus);
    }

    /** Requests of the whole plan. */
    public double total() {
        return phases.stream().mapToDouble(Phase::total).sum();
    }

    private static void steps(
            double from, double to, int steps, Duration duration, List<Phase> phases) {
        if (steps < 2 || steps > MAX_STEPS) {
            throw new IllegalArgumentException(
                    "steps: %d (expected: 2 to %d)".formatted(steps, MAX_STEPS));
        }
        for (int i = 0; i < steps; i++) {
            double rate = from + (to - from) * i / (steps - 1);
            phases.add(new Phase(rate, rate, duration.dividedBy(steps)));
        }
    }

    private static Duration time(long number, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> throw new IllegalStateException(unit);
        };
    }
}
