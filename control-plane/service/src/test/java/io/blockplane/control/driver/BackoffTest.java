package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void doublesFromOneSecondToOneMinute() {
        List<Long> seconds = new ArrayList<>();
        Backoff backoff = Backoff.NONE;
        for (int i = 0; i < 9; i++) {
            seconds.add(backoff.delay().toSeconds());
            backoff = backoff.afterExit(Duration.ofSeconds(59));
        }
        assertThat(seconds).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L);
    }

    @Test
    void forgetsWhenARunWasStable() {
        Backoff often = new Backoff(7);
        assertThat(often.afterExit(Backoff.STABLE_AFTER).delay()).isEqualTo(Backoff.FIRST);
    }

    @Test
    void staysAtTheLongestForEver() {
        assertThat(new Backoff(Integer.MAX_VALUE - 1).delay()).isEqualTo(Backoff.LONGEST);
    }
}
