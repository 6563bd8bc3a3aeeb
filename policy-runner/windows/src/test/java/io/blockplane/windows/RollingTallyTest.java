package io.blockplane.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.TaskEvent.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RollingTallyTest {

    @Test
    void givesTheTaskAtTheRankOfEachPercentileForEveryCount() {
        SplittableRandom random = new SplittableRandom(3);
        RollingTally window = new RollingTally(WindowLength.CURRENT);
        List<Long> times = new ArrayList<>();
        for (int n = 1; n <= 300; n++) {
            long us = random.nextLong(1L << random.nextInt(1, 34));
            times.add(us);
            window.add(tally(us));
            for (int percent : new int[] {50, 95, 99}) {
                int rank = (int) Math.ceil(n * percent / 100.0);
                long exact = times.stream().sorted().toList().get(rank - 1);
                assertThat(window.percentileUs(percent))
                        .as("p%d of %d tasks", percent, n)
                        .isEqualTo(NaiveWindows.middleOfBin(exact));
            }
        }
    }

    @Test
    void isAsBeforeWhenWhatWasAddedIsSubtracted() {
        RollingTally window = new RollingTally(WindowLength.CURRENT);
        window.add(tally(1_000));
        window.add(tally(9_000_000));
        window.subtract(tally(9_000_000));
        assertThat(window.percentileUs(99)).isEqualTo(NaiveWindows.middleOfBin(1_000));
        assertThat(window.sum(Measure.TASKS)).isEqualTo(1);
        assertThat(window.sum(Measure.TOTAL_US)).isEqualTo(1_000);
    }

    private static Tally tally(long us) {
        return Tally.ofTask(Histories.task("b", 0, "in-a", Outcome.COMPLETED, 0, us, 1, 1));
    }
}
