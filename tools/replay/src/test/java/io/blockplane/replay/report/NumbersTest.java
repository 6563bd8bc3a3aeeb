package io.blockplane.replay.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumbersTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "0.00041 | 0.0004",
                "0.0416 | 0.0416",
                "0.4166 | 0.417",
                "4.166 | 4.17",
                "41.66 | 41.7",
                "416.6 | 417",
                "41666 | 41,666",
                "-4.166 | −4.17"
            })
    void threeDigitsCount(double value, String text) {
        assertThat(Numbers.three(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"1, 100", "0.99996, >99.99", "0.9987, 99.87", "0, 0.00", "0.00001, <0.01"})
    void allAndNothingAreSaidOnlyWhenTheyAre(double share, String text) {
        assertThat(Numbers.percent(share)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0.04, 0.0", "-0.04, 0.0", "1.25, +1.3", "-1.25, −1.3"})
    void whatRoundsToNothingHasNoSign(double value, String text) {
        assertThat(Numbers.signed(value, 1)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0 s", "90000, 90 s", "3420000, 57 min", "7200000, 2 h", "7500000, 2 h 5 min"})
    void durationsAreInUnitsThatPeopleUse(long ms, String text) {
        assertThat(Numbers.duration(ms)).isEqualTo(text);
    }

    @ParameterizedTest(name = "{0} ms in pieces of {1} ms")
    @CsvSource({"3600000, 120000, 30", "3420000, 120000, 29", "1000, 1000, 1", "0, 1000, 1"})
    void timelinesAreReadInAtMostThirtyPieces(long durationMs, long lengthMs, int count) {
        assertThat(Buckets.of(durationMs)).isEqualTo(new Buckets(lengthMs, count));
    }

    @Test
    void everyStepIsInOnePiece() {
        List<Integer> steps = IntStream.range(0, 100).boxed().toList();
        // 7 s steps in 30 s pieces: none lost, none counted twice.
        Buckets buckets = Buckets.of(100 * 7_000);
        double sum = 0;
        for (int piece = 0; piece < buckets.count(); piece++) {
            sum += buckets.sum(steps, 7_000, piece);
        }
        assertThat(sum).isEqualTo(99 * 100 / 2);
        assertThat(buckets.max(steps, 7_000, buckets.count() - 1)).isEqualTo(99);
        assertThat(buckets.mean(steps, 7_000, buckets.count() + 5)).isNaN();
    }
}
