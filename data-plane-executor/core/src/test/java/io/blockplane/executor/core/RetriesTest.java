package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.executor.core.Retries.Verdict;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

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

        assertThat(history.afterNotTaken(end, "x")).isInstanceOf(Verdict.Again.class);
        assertThat(history.afterNotTaken(end.plusMillis(1), "refused"))
                .isEqualTo(
                        new Verdict.GiveUp(
                                "no instance took the task for 10 minutes; last: refused"));
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
