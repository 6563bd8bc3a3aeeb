package io.blockplane.replay.backtest;

import io.blockplane.simulator.backtest.Sweep;
import io.blockplane.simulator.backtest.Sweep.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A sweep for a terminal. */
public final class SweepText {

    private static final int BAR = 30;

    private SweepText() {}

    /** A bar. */
    public static String progress(int done, int of) {
        int full = of == 0 ? BAR : BAR * done / of;
        return "[%s%s] %,d of %,d points"
                .formatted("#".repeat(full), ".".repeat(BAR - full), done, of);
    }

    /**
     * The Pareto front, and the cheapest point that meets the objective.
     *
     * @param target share of requests that have to meet it
     */
    public static String of(List<Outcome> outcomes, double target) {
        StringBuilder out = new StringBuilder();
        List<Outcome> front = Sweep.front(outcomes);
        out.append(
                "%,d points, %d of them on the Pareto front of cost and SLO attainment:%n%n"
                        .formatted(outcomes.size(), front.size()));
        out.append(
                "%12s %8s %10s %8s  %s%n"
                        .formatted("inst-seconds", "met %", "p99 ms", "actions", "parameters"));
        for (Outcome outcome : front) {
            out.append(row(outcome));
        }
        Optional<Outcome> best =
                outcomes.stream()
                        .filter(o -> o.sloAttainment() >= target)
                        .min(Comparator.comparingDouble(Outcome::instanceSeconds));
        out.append(
                best.isEmpty()
                        ? "%nNo point meets the objective of %.1f %%.%n".formatted(target * 100)
                        : "%nThe cheapest that meets the objective of %.1f %%:%n%s"
                                .formatted(target * 100, row(best.get())));
        return out.toString();
    }

    private static String row(Outcome outcome) {
        return "%,12.0f %8.2f %,10.0f %8.1f  %s%n"
                .formatted(
                        outcome.instanceSeconds(),
                        outcome.sloAttainment() * 100,
                        outcome.p99Ms(),
                        outcome.scaleActions(),
                        outcome.point().text());
    }
}
