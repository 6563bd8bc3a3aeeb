package io.blockplane.simulator.backtest;

import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Calibration.Row;
import io.blockplane.simulator.result.BacktestResult.Percentiles;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The incumbent's simulated runs beside what was recorded. A row's error is {@code (simulated -
 * recorded) / max(recorded, least)} in percent, where {@code least} keeps what is next to nothing
 * from counting: a hundredth of the time limit for times, the whole time for the part of it spent
 * waiting, one for all else.
 */
final class Calibrating {

    private static final double RESOLUTION = 0.01;

    private final List<RunTrace> runs;
    private final List<Row> rows = new ArrayList<>();

    private Calibrating(List<RunTrace> runs) {
        this.runs = runs;
    }

    static Calibration of(Recorded recorded, List<RunTrace> incumbent, long sloMs) {
        Calibrating table = new Calibrating(incumbent);
        double leastMs = RESOLUTION * sloMs;
        table.row(
                "instance-seconds", "s", recorded.instanceSeconds(), 1, RunTrace::instanceSeconds);
        Percentiles total = recorded.total();
        Percentiles least =
                new Percentiles(
                        Math.max(leastMs, total.p50()),
                        Math.max(leastMs, total.p90()),
                        Math.max(leastMs, total.p99()),
                        total.max());
        table.times("total time", total, least, r -> r.total().percentiles());
        table.times("queue time", recorded.queue(), least, r -> r.queue().percentiles());
        table.row(
                "scale actions",
                "",
                (double) recorded.scaleActions(),
                1,
                r -> (double) r.scaleActions());
        table.row(
                "SLO attainment",
                "%",
                recorded.sloAttainment() * 100,
                1,
                r -> r.sloAttainment() * 100);
        double mape = table.rows.stream().mapToDouble(r -> Math.abs(r.errorPercent())).sum();
        double bias = table.rows.stream().mapToDouble(Row::errorPercent).sum();
        double attainment = table.mean(RunTrace::sloAttainment);
        return new Calibration(
                table.rows,
                mape / table.rows.size(),
                bias / table.rows.size(),
                Math.abs(table.rows.getFirst().errorPercent()),
                Math.abs(attainment - recorded.sloAttainment()) * 100);
    }

    private interface Measure {
        Percentiles of(RunTrace run);
    }

    private void times(String name, Percentiles recorded, Percentiles least, Measure measure) {
        row(name + " p50", "ms", recorded.p50(), least.p50(), r -> measure.of(r).p50());
        row(name + " p90", "ms", recorded.p90(), least.p90(), r -> measure.of(r).p90());
        row(name + " p99", "ms", recorded.p99(), least.p99(), r -> measure.of(r).p99());
    }

    private void row(
            String name,
            String unit,
            double recorded,
            double least,
            ToDoubleFunction<RunTrace> measure) {
        double simulated = mean(measure);
        double error = (simulated - recorded) / Math.max(recorded, least) * 100;
        rows.add(new Row(name, unit, recorded, simulated, error));
    }

    private double mean(ToDoubleFunction<RunTrace> measure) {
        return runs.stream().mapToDouble(measure).average().orElse(0);
    }
}
