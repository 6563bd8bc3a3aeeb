package io.blockplane.windows;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LatencyBinsTest {

    @Test
    void coverEveryTimeWithoutGapOrOverlap() {
        int bin = -1;
        for (long us = 0; us < 1 << 16; us++) {
            int next = LatencyBins.of(us);
            assertThat(next - bin).as("bins from %d us to the next", us).isIn(0, 1);
            bin = next;
        }
        for (int octave = 16; octave < 40; octave++) {
            long start = 1L << octave;
            assertThat(LatencyBins.of(start)).isEqualTo(LatencyBins.of(start - 1) + 1);
        }
        assertThat(LatencyBins.of(EventLimits.MAX_DURATION_US)).isEqualTo(LatencyBins.COUNT - 1);
    }

    @Test
    void standForEveryTimeWithinOneThirtySecondOfIt() {
        SplittableRandom random = new SplittableRandom(1);
        LongStream.range(0, 100_000)
                .map(_ -> random.nextLong(1L << random.nextInt(1, 41)))
                .forEach(us -> {
                    int bin = LatencyBins.of(us);
                    long value = LatencyBins.representative(bin);
                    assertThat(LatencyBins.of(value)).as("%d us", us).isEqualTo(bin);
                    assertThat(Math.abs(value - us)).as("%d us", us).isLessThanOrEqualTo(us / 32);
                    assertThat(value).isEqualTo(NaiveWindows.middleOfBin(us));
                });
    }

    @Test
    void areExactBelow64Microseconds() {
        for (long us = 0; us < 64; us++) {
            assertThat(LatencyBins.representative(LatencyBins.of(us))).isEqualTo(us);
        }
    }
}
