package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.executor.core.Retries.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetriesTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void givesUpOnAPacketThatKillsEveryInstanceItMeets() {
        Retries history = Retries.NONE;
        for (int i = 1; i < Retries.MAX_LOST; i++) {
            history = again(history.afterLost("gone")).history();
        }
        assertThat(history.afterLost("gone"))
                .isEqualTo(
                        new Verdict.GiveUp(
                                "5 times an instance was lost that had the task; last: gone"));
    }

    @Test
    void survivesAnOutageOfThirtySecondsOfAllInstancesWithoutAnyLimitComingNear() {
        Retries history = Retries.NONE;
        Instant now = START;
        int attempts = 0;
        while (Duration.between(START, now).compareTo(Duration.ofSeconds(30)) < 0) {
            Verdict.Again again = again(history.afterNotTaken(now, "refused"));
            history = again.history();
            now = now.plus(again.backoff());
            attempts++;
        }
        assertThat(attempts).isBetween(20, 60);
        assertThat(history.lost()).isZero();
    }

    @Test
    void givesUpWhenNobodyTakesATaskForAsLongAsTheLimit() {
        Retries history = again(Retries.NONE.afterNotTaken(START, "x")).history();
        Instant end = START.plus(Retries.NOT_TAKEN_LIMIT);
        for (Instant now = START; now.isBefore(end); now = now.plusSeconds(1)) {
            history = again(history.afterNotTaken(now, "x")).history();
        }

        assertThat(history.afterNotTaken(end, "x")).isInstanceOf(Verdict.Again.class);
        assertThat(history.afterNotTaken(end.plusMillis(1), "refused"))
                .isEqualTo(
                        new Verdict.GiveUp(
                                "no instance took the task for 10 minutes; last: refused"));
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void countsTimeWithoutAnAttemptOnlyUpToALimitAndGivesUpByWhatIsCounted(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Retries history = Retries.NONE;
        Instant now = START;
        Duration counted = Duration.ZERO;
        while (true) {
            Verdict verdict = history.afterNotTaken(now, "x");
            boolean over = counted.compareTo(Retries.NOT_TAKEN_LIMIT) > 0;
            assertThat(verdict instanceof Verdict.GiveUp).isEqualTo(over);
            if (over) {
                break;
            }
            history = again(verdict).history();
            // Every tenth time no instance was there for up to an hour; once the clock steps back.
            Duration pause =
                    switch (random.nextInt(10)) {
                        case 0 -> Duration.ofSeconds(random.nextInt(3_600));
                        case 1 -> Duration.ofMillis(-random.nextInt(1_000));
                        default -> Duration.ofMillis(random.nextInt(1_000));
                    };
            now = now.plus(pause);
            Duration most = pause.compareTo(Retries.MAX_COUNTED) > 0 ? Retries.MAX_COUNTED : pause;
            counted = counted.plus(most.isNegative() ? Duration.ZERO : most);
        }
        assertThat(Duration.between(START, now))
                .isGreaterThan(Retries.NOT_TAKEN_LIMIT.multipliedBy(10));
    }

    @Test
    void startsTheTimeAgainWhenAnInstanceTookTheTask() {
        Retries history = again(Retries.NONE.afterNotTaken(START, "x")).history();
        history = again(history.afterLost("gone")).history();

        assertThat(history.afterNotTaken(START.plus(Retries.NOT_TAKEN_LIMIT.multipliedBy(2)), "x"))
                .isInstanceOf(Verdict.Again.class);
    }

    @Test
    void waitsLongerEachTimeUpToALimit() {
        Retries history = Retries.NONE;
        Duration last = Duration.ZERO;
        for (int i = 0; i < 100; i++) {
            Verdict.Again again = again(history.afterNotTaken(START, "x"));
            assertThat(again.backoff()).isGreaterThanOrEqualTo(last);
            last = again.backoff();
            history = again.history();
        }
        assertThat(again(Retries.NONE.afterNotTaken(START, "x")).backoff())
                .isEqualTo(Retries.FIRST_BACKOFF);
        assertThat(last).isEqualTo(Retries.MAX_BACKOFF);
    }

    private static Verdict.Again again(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Again again -> again;
            case Verdict.GiveUp(String reason) -> throw new AssertionError(reason);
        };
    }
}
