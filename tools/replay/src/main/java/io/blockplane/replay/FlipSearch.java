package io.blockplane.replay;

import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the nearest value of one number at which a decision is another one.
 *
 * <ol>
 *   <li>Steps away from the recorded value, upward and downward, each farther than the last, until
 *       the decision changes.
 *   <li>Halves the last step until it is a small part of the value.
 * </ol>
 *
 * <p>Two tries at the ends come first: most numbers of a document flip nothing, and cost two runs.
 */
final class FlipSearch {

    /**
     * Where it ends.
     *
     * @param part of the value: what is nearer is the same for people
     * @param least and no nearer than this, whatever the value is
     */
    record Precision(double part, double least) {
        double at(double value) {
            return Math.max(part * Math.abs(value), least);
        }
    }

    private static final int MAX_HALVINGS = 24;

    /** Parts of the value that it is changed by, growing. */
    private static final double[] STEPS = {0.01, 0.05, 0.2, 0.5, 1, 3, 10, 100, 1000};

    /** What a value of 0 is changed to, growing. */
    private static final double[] FROM_ZERO = {0.1, 1, 10, 100, 1_000, 10_000, 100_000, 1e6};

    private final DoubleFunction<@Nullable String> decide;
    private final String decided;
    private final Precision precision;

    /**
     * Of one number.
     *
     * @param decide what is decided when it has a value; null: that can't be said
     * @param decided what was
     */
    FlipSearch(DoubleFunction<@Nullable String> decide, String decided, Precision precision) {
        this.decide = decide;
        this.decided = decided;
        this.precision = precision;
    }

    /** The nearest value found; empty: none. */
    OptionalDouble nearest(double value) {
        OptionalDouble up = side(value, 1);
        OptionalDouble down = value > 0 ? side(value, -1) : OptionalDouble.empty();
        if (up.isPresent() && down.isPresent()) {
            return up.getAsDouble() - value <= value - down.getAsDouble() ? up : down;
        }
        return up.isPresent() ? up : down;
    }

    private OptionalDouble side(double value, int direction) {
        double end = direction > 0 ? farthest(value) : 0;
        if (!flips(end)) {
            return OptionalDouble.empty();
        }
        double same = value;
        for (double step : value == 0 ? FROM_ZERO : STEPS) {
            double next = value == 0 ? step : value + direction * step * Math.abs(value);
            if (direction < 0 && next <= 0) {
                break;
            }
            if (flips(next)) {
                return OptionalDouble.of(halved(same, next));
            }
            same = next;
        }
        return OptionalDouble.of(halved(same, end));
    }

    private static double farthest(double value) {
        return value == 0
                ? FROM_ZERO[FROM_ZERO.length - 1]
                : value + STEPS[STEPS.length - 1] * Math.abs(value);
    }

    private double halved(double same, double other) {
        double kept = same;
        double flipped = other;
        for (int i = 0; i < MAX_HALVINGS; i++) {
            if (Math.abs(flipped - kept) <= precision.at(flipped)) {
                break;
            }
            double middle = (kept + flipped) / 2;
            if (flips(middle)) {
                flipped = middle;
            } else {
                kept = middle;
            }
        }
        return flipped;
    }

    private boolean flips(double value) {
        if (!Double.isFinite(value)) {
            return false;
        }
        String now = decide.apply(value);
        return now != null && !now.equals(decided);
    }
}
