package io.blockplane.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would have made a decision another one: changes of one number each, nearest first, found by
 * running the policy again on its state of that moment with that number changed.
 *
 * @param decided what was decided
 * @param changes one for each number that flips it, at most {@value #SHOWN}
 * @param tried numbers that were tried
 * @param runs how often the policy was run
 * @param notTried what was left out, and why; empty when nothing was
 */
public record Flip(
        String decided, List<Change> changes, int tried, int runs, List<String> notTried) {

    static final int SHOWN = 5;

    /**
     * One number.
     *
     * @param input where it stands
     * @param recorded its value then
     * @param flipped the nearest value found with another decision
     * @param decided what is decided then
     */
    public record Change(String input, double recorded, double flipped, String decided) {

        /** How far it is, as a part of the recorded value; of 0 the distance itself. */
        public double distance() {
            double far = Math.abs(flipped - recorded);
            return recorded == 0 ? far : far / Math.abs(recorded);
        }

        String text() {
            String by =
                    recorded == 0
                            ? ""
                            : " (%+.3g %%)"
                                    .formatted(100 * (flipped - recorded) / Math.abs(recorded));
            return "%s: %.6g instead of %.6g%s -> %s"
                    .formatted(input, flipped, recorded, by, decided);
        }
    }

    public Flip {
        changes = List.copyOf(changes);
        notTried = List.copyOf(notTried);
    }

    /** The nearest one; null: none was found. */
    public @Nullable Change nearest() {
        return changes.isEmpty() ? null : changes.getFirst();
    }

    /** For people, one line each. */
    public String text() {
        StringBuilder out = new StringBuilder();
        out.append(
                changes.isEmpty()
                        ? "flipped by no single number that was tried\n"
                        : "flipped by any one of these alone, nearest first:\n");
        changes.forEach(change -> out.append("      ").append(change.text()).append('\n'));
        out.append(
                "      (%d numbers tried, the policy run %,d times on its state of that moment; by"
                                .formatted(tried, runs)
                        + " steps and halving, so a nearer one that flips it and back may"
                        + " exist)\n");
        notTried.forEach(what -> out.append("      not tried: ").append(what).append('\n'));
        return out.toString();
    }
}
