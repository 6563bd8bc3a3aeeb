package io.blockplane.simulator.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.simulator.RunTrace;
import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.Scenarios;
import io.blockplane.simulator.Simulation;
import io.blockplane.simulator.policy.FixedScaler;
import io.blockplane.simulator.result.BacktestResult.Calibration;
import io.blockplane.simulator.result.BacktestResult.Calibration.Row;
import io.blockplane.simulator.result.BacktestResult.Percentiles;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalibratingTest {

    /** 59 s, each answered after 250 ms, none waits. */
    private static final RunTrace RUN =
            Simulation.run(
                    Scenarios.of(
                            Scenarios.every(1_000, 60, false),
                            Scenarios.quarterSecond(),
                            Scenario.Timing.NONE),
                    new FixedScaler(1),
                    null,
                    1);

    private static Row row(Calibration calibration, String measure) {
        return calibration.rows().stream()
                .filter(row -> row.measure().equals(measure))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void eachMeasureIsPutBesideTheRecord() {
        Calibration calibration =
                Calibrating.of(
                        new Recorded(
                                118,
                                0.8,
                                new Percentiles(200, 250, 500, 500),
                                new Percentiles(0, 0, 100, 100),
                                4),
                        List.of(RUN),
                        1_000);
        assertThat(row(calibration, "instance-seconds").errorPercent())
                .isCloseTo(-50, within(1e-9));
        assertThat(row(calibration, "total time p50").errorPercent()).isCloseTo(25, within(1e-9));
        assertThat(row(calibration, "total time p99").errorPercent()).isCloseTo(-50, within(1e-9));
        assertThat(row(calibration, "scale actions").errorPercent()).isCloseTo(-100, within(1e-9));
        assertThat(row(calibration, "SLO attainment").errorPercent()).isCloseTo(25, within(1e-9));
        assertThat(calibration.costErrorPercent()).isCloseTo(50, within(1e-9));
        assertThat(calibration.sloErrorPoints()).isCloseTo(20, within(1e-9));
    }

    @Test
    void waitingCountsAsAPartOfTheWholeTime() {
        Calibration calibration =
                Calibrating.of(
                        new Recorded(
                                59,
                                1,
                                new Percentiles(250, 250, 250, 250),
                                new Percentiles(0, 0, 0.5, 0.5),
                                0),
                        List.of(RUN),
                        1_000);
        // Half a millisecond less of 250, and not all of next to nothing.
        assertThat(row(calibration, "queue time p99").errorPercent()).isCloseTo(-0.2, within(1e-9));
        assertThat(calibration.mapePercent()).isLessThan(0.1);
    }
}
