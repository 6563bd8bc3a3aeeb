package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.executor.core.InboxProgress.Committed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InboxProgressTest {

    /** Kafka's default offset.metadata.max.bytes. */
    private static final int KAFKA_METADATA_LIMIT = 4096;

    @Test
    void commitsTheLowestOpenOffset() {
        InboxProgress progress = InboxProgress.fresh();
        progress.read(5);
        progress.read(6);
        progress.read(7);
        progress.finish(6);
        assertThat(progress.commit().offset()).isEqualTo(5);
        progress.finish(5);
        assertThat(progress.commit()).isEqualTo(new Committed(7, ""));
        progress.finish(7);
        assertThat(progress.commit()).isEqualTo(new Committed(8, ""));
    }

    @Test
    void skipsExactlyWhatWasFinishedBeforeARestart() {
        InboxProgress before = InboxProgress.fresh();
        for (long offset = 0; offset < 10; offset++) {
            before.read(offset);
        }
        List.of(0L, 2L, 3L, 7L).forEach(before::finish);

        InboxProgress after = InboxProgress.resume(before.commit());

        List<Long> again = new ArrayList<>();
        for (long offset = 1; offset < 12; offset++) {
            if (after.read(offset)) {
                again.add(offset);
            }
        }
        assertThat(again).containsExactly(1L, 4L, 5L, 6L, 8L, 9L, 10L, 11L);
    }

    @Test
    void doesNotProcessARecordThatItReadsTwice() {
        InboxProgress progress = InboxProgress.fresh();
        assertThat(progress.read(1)).isTrue();
        assertThat(progress.read(1)).isFalse();
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void losesAndDoublesNothingThroughAnyNumberOfRestarts(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        long end = 3_000;
        InboxProgress progress = InboxProgress.fresh();
        long position = 0;
        List<Long> inWork = new ArrayList<>();
        // What transactions made durable: finished offsets and, with them, the commit.
        Set<Long> finished = new TreeSet<>();
        Committed committed = new Committed(0, "");
        while (finished.size() < end) {
            int action = random.nextInt(1000);
            if (action < 500 && position < end && progress.room() > 0) {
                if (progress.read(position)) {
                    inWork.add(position);
                }
                position++;
            } else if (action < 990 && !inWork.isEmpty()) {
                for (int n = random.nextInt(1, 4); n > 0 && !inWork.isEmpty(); n--) {
                    long offset = inWork.remove(random.nextInt(inWork.size()));
                    progress.finish(offset);
                    assertThat(finished.add(offset)).as("finished twice: %s", offset).isTrue();
                }
                committed = progress.commit();
                assertThat(committed.metadata().length()).isLessThanOrEqualTo(KAFKA_METADATA_LIMIT);
            } else if (action >= 990) {
                progress = InboxProgress.resume(committed);
                position = committed.offset();
                inWork.clear();
            }
            assertThat(progress.open()).isLessThanOrEqualTo(InboxProgress.MAX_OPEN);
        }
        assertThat(finished).hasSize((int) end);
        assertThat(committed).isEqualTo(new Committed(end, ""));
    }

    @Test
    void fitsItsMetadataIntoAKafkaCommitInTheWorstCase() {
        InboxProgress progress = InboxProgress.fresh();
        // Every open offset alone, followed by a run that needs as many bytes as the span allows.
        long bigRun = 1 << 14;
        int bigRuns = (int) (InboxProgress.MAX_SPAN / bigRun) - 10;
        long smallRun = (InboxProgress.MAX_SPAN - bigRun * bigRuns) / InboxProgress.MAX_OPEN;
        long offset = 0;
        List<Long> keptOpen = new ArrayList<>();
        while (progress.room() > 1) {
            progress.read(offset);
            keptOpen.add(offset++);
            long run = keptOpen.size() <= bigRuns ? bigRun : Math.max(128, smallRun);
            for (long end = offset + run; offset < end && progress.room() > 0; offset++) {
                progress.read(offset);
                progress.finish(offset);
            }
        }

        Committed committed = progress.commit();

        assertThat(keptOpen.size()).isGreaterThan(InboxProgress.MAX_OPEN / 2);
        assertThat(committed.metadata().length()).isLessThanOrEqualTo(KAFKA_METADATA_LIMIT);
        InboxProgress resumed = InboxProgress.resume(committed);
        assertThat(resumed.open()).isEqualTo(keptOpen.size());
        assertThat(resumed.commit()).isEqualTo(committed);
    }

    @Test
    void stopsReadingAtItsLimitsAndGoesOnBelowThem() {
        InboxProgress progress = InboxProgress.fresh();
        for (long offset = 0; offset < InboxProgress.MAX_OPEN; offset++) {
            assertThat(progress.room()).isPositive();
            progress.read(offset);
        }
        assertThat(progress.room()).isZero();
        progress.finish(3);
        assertThat(progress.room()).isEqualTo(1);

        InboxProgress wide = InboxProgress.fresh();
        wide.read(0);
        wide.read(InboxProgress.MAX_SPAN - 1);
        assertThat(wide.room()).isZero();
        wide.finish(InboxProgress.MAX_SPAN - 1);
        InboxProgress resumed = InboxProgress.resume(wide.commit());
        assertThat(resumed.room()).as("what is open already may be read again").isPositive();
        assertThat(resumed.read(0)).isTrue();
        assertThat(resumed.room()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    hello      | commit metadata: hello (expected: r1: and Base64)
                    r1:!!      | Illegal base64 character 21
                    r1:gA      | commit metadata: the last number is cut off
                    r1:AAE     | commit metadata: run of 0 (expected: 1 to 2097152)
                    r1:gICAfwE | commit metadata: run of 266338304 (expected: 1 to 2097152)
                    r1:gICAgAE | commit metadata: a number is too long
                    """)
    void refusesMetadataThatItDidNotWrite(String metadata, String message) {
        assertThatThrownBy(() -> InboxProgress.resume(new Committed(3, metadata)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
