package io.blockplane.simulator.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.simulator.result.BacktestResult.Estimate;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    @Test
    void theIntervalOfNormalValuesIsThatOfTheTextbook() {
        SplittableRandom random = new SplittableRandom(1);
        double[] values = random.doubles(400).map(_ -> 10 + random.nextGaussian()).toArray();
        Estimate estimate = Bootstrap.mean(values);
        assertThat(estimate.high() - estimate.low()).isCloseTo(2 * 1.96 / 20, within(0.02));
        assertThat(estimate.mean()).isBetween(estimate.low(), estimate.high());
    }

    @Test
    void whatBothHaveOfTheSeedsLuckFallsOutOfTheirDifference() {
        double[] one = {100, 250, 30, 400, 90};
        double[] other = {101, 251, 31, 401, 91};
        assertThat(Bootstrap.difference(other, one)).isEqualTo(new Estimate(1, 1, 1));
        assertThat(Bootstrap.mean(one).high() - Bootstrap.mean(one).low()).isGreaterThan(100);
    }
}
