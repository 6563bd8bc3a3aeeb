package io.blockplane.replay.backtest;

import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import java.util.Locale;

/** A backtest's result for a terminal. */
public final class BacktestText {

    private static final int NAME_WIDTH = 44;

    private BacktestText() {}

    /** All of it, the verdict first. */
    public static String of(BacktestResult result) {
        StringBuilder out = new StringBuilder();
        line(out, result.verdict().sentence());
        result.verdict().because().forEach(because -> line(out, "  " + because));
        line(out, "");
        BacktestResult.Workload workload = result.workload();
        line(
                out,
                "workload     %s %s: %,d requests in %,d s, peak to mean %.1f"
                        .formatted(
                                result.source().kind(),
                                result.source().name(),
                                workload.requests(),
                                workload.durationMs() / 1000,
                                workload.peakToMean()));
        line(out, "instances    %s".formatted(result.source().serviceModel()));
        line(
                out,
                "objective    %.1f %% answered within %.1f s"
                        .formatted(result.slo().target() * 100, result.slo().totalTimeMs() / 1e3));
        line(out, "seeds        %s".formatted(result.seeds()));
        Calibration calibration = result.calibration();
        if (calibration != null) {
            calibration(out, calibration);
        }
        line(out, "");
        line(
                out,
                ("%-" + NAME_WIDTH + "s %12s %9s %9s %9s %9s %8s %8s")
                        .formatted(
                                "policy",
                                "inst-seconds",
                                "met %",
                                "p50 ms",
                                "p99 ms",
                                "vs oracle",
                                "actions",
                                "refused"));
        result.runs().forEach(run -> run(out, run));
        return out.toString();
    }

    private static void calibration(StringBuilder out, Calibration calibration) {
        line(out, "");
        line(out, "%-26s %14s %14s %9s".formatted("calibration", "recorded", "simulated", "error"));
        for (Calibration.Row row : calibration.rows()) {
            line(
                    out,
                    "%-26s %14s %14s %+8.1f%%"
                            .formatted(
                                    row.measure() + (row.unit().isEmpty() ? "" : ", " + row.unit()),
                                    number(row.recorded()),
                                    number(row.simulated()),
                                    row.errorPercent()));
        }
        line(
                out,
                "mean absolute error %.1f %%, bias %+.1f %%, SLO attainment off by %.2f points"
                        .formatted(
                                calibration.mapePercent(),
                                calibration.biasPercent(),
                                calibration.sloErrorPoints()));
    }

    private static void run(StringBuilder out, PolicyRun run) {
        String name = run.name();
        line(
                out,
                ("%-" + NAME_WIDTH + "s %12s %9.2f %9s %9s %8.0f%% %8.1f %8d")
                        .formatted(
                                name.length() > NAME_WIDTH
                                        ? name.substring(0, NAME_WIDTH - 1) + "~"
                                        : name,
                                number(run.instanceSeconds().mean()),
                                run.sloAttainment().mean() * 100,
                                number(run.totalMs().p50()),
                                number(run.totalMs().p99()),
                                run.shareOfOracleSaving() * 100,
                                run.scaleActions().mean(),
                                run.refused()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.1f", value);
    }

    private static void line(StringBuilder out, String text) {
        out.append(text).append('\n');
    }
}
