package io.blockplane.replay.report;

import io.blockplane.replay.report.Tables.Column;
import io.blockplane.simulator.result.BacktestResult;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The incumbent simulated beside the incumbent recorded. */
final class TrustPart {

    private final Html html;
    private final BacktestResult result;
    private final int level;
    private final String id;

    TrustPart(Html html, BacktestResult result, int level, String id) {
        this.html = html;
        this.result = result;
        this.level = level;
        this.id = id;
    }

    void write() {
        html.open("section", "id", id + "-calibration").line();
        Section.heading(html, level, "Calibration");
        @Nullable Calibration calibration = result.calibration();
        if (calibration == null) {
            html.element(
                    "p",
                    "Not calibrated: the source has no record of a run to compare the simulation"
                            + " with.");
        } else {
            calibrated(calibration);
        }
        html.close().line();
    }

    private void calibrated(Calibration calibration) {
        Tables.plain(
                html,
                "The policy in use: what was recorded, and what its simulation says",
                List.of(
                        Column.words("Measure"),
                        Column.number("Recorded", ""),
                        Column.number("Simulated", ""),
                        Column.number("Error", "%")),
                calibration.rows().stream()
                        .map(row ->
                                List.of(
                                        row.unit().isEmpty()
                                                ? row.measure()
                                                : row.measure() + ", " + row.unit(),
                                        Numbers.three(row.recorded()),
                                        Numbers.three(row.simulated()),
                                        Numbers.signed(row.errorPercent(), 1)))
                        .toList());
        html.element(
                "p",
                "Mean absolute error %s %%, bias %s %% (above 0: the simulation says more than was). Cost alone: %s %%. Requests on time: %s points."
                        .formatted(
                                Numbers.fixed(calibration.mapePercent(), 1),
                                Numbers.signed(calibration.biasPercent(), 1),
                                Numbers.fixed(calibration.costErrorPercent(), 1),
                                Numbers.fixed(calibration.sloErrorPoints(), 2)));
        html.element(
                "button",
                "Download as CSV",
                "type",
                "button",
                "class",
                "csv",
                "data-csv",
                "calibration");
    }
}
