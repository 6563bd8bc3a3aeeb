package io.blockplane.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatePlanTest {

    private static final Duration DEFAULT = Duration.ofSeconds(30);
    private static final TokenCounts ONE = new TokenCounts.Fixed(1);

    @Test
    void readsConstantsRampsStepsAndRows() {
        assertThat(RatePlan.parse("200", DEFAULT).phases())
                .containsExactly(new RatePlan.Phase(200, 200, DEFAULT));
        assertThat(RatePlan.parse("100:2000/60s", DEFAULT).phases())
                .containsExactly(new RatePlan.Phase(100, 2000, Duration.ofMinutes(1)));
        assertThat(RatePlan.parse("100:300:3/30s, 7.5/2m", DEFAULT).phases())
                .containsExactly(
                        new RatePlan.Phase(100, 100, Duration.ofSeconds(10)),
                        new RatePlan.Phase(200, 200, Duration.ofSeconds(10)),
                        new RatePlan.Phase(300, 300, Duration.ofSeconds(10)),
                        new RatePlan.Phase(7.5, 7.5, Duration.ofMinutes(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1/", "1/2", "1/2d", "1:2:1/4s", "1:2:1001/4s", "-1", "1,,2"})
    void refusesWhatIsNoPlan(String text) {
        assertThatThrownBy(() -> RatePlan.parse(text, DEFAULT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void sendsEvenlyAtAConstantRate() {
        List<Long> times = times("4/1s,2/1s", RateSchedule.Spacing.EVEN, 0);

        assertThat(times)
                .containsExactly(
                        0L,
                        250_000_000L,
                        500_000_000L,
                        750_000_000L,
                        1_000_000_000L,
                        1_500_000_000L);
    }

    @Test
    void stopsAtTheLimitOfRequests() {
        RateSchedule schedule =
                new RateSchedule(
                        RatePlan.parse("100/1h", DEFAULT),
                        RateSchedule.Spacing.EVEN,
                        ONE,
                        ONE,
                        3,
                        0);
        assertThat(all(schedule)).hasSize(3);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsToTheIntegralOfItsRateAtEveryMoment(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<RatePlan.Phase> phases = new ArrayList<>();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            phases.add(
                    new RatePlan.Phase(
                            random.nextInt(0, 200),
                            random.nextInt(0, 200),
                            Duration.ofMillis(random.nextInt(100, 5000))));
        }
        RatePlan plan = new RatePlan(phases);
        List<Long> times = times(plan, RateSchedule.Spacing.EVEN, seed);

        assertThat(times).isSorted();
        assertThat((double) times.size()).isCloseTo(plan.total(), within(1.0));
        for (int i = 0; i < times.size(); i++) {
            assertThat(due(plan, times.get(i) / 1e9)).isCloseTo(i, within(0.01));
        }
    }

    @Test
    void poissonHasTheRateAndTheSpreadOfAPoissonProcessAndRepeats() {
        List<Long> times = times("1000/100s", RateSchedule.Spacing.POISSON, 42);

        assertThat(times)
                .isSorted()
                .isEqualTo(times("1000/100s", RateSchedule.Spacing.POISSON, 42));
        assertThat(times.size()).isBetween(98_500, 101_500);
        double[] perSecond = new double[100];
        times.forEach(t -> perSecond[(int) (t / 1_000_000_000L)]++);
        double variance = 0;
        for (double n : perSecond) {
            variance += (n - 1000) * (n - 1000) / perSecond.length;
        }
        // Of a Poisson process the variance is the mean; of even spacing it is 0.
        assertThat(variance).isBetween(500.0, 1800.0);
    }

    private static double due(RatePlan plan, double seconds) {
        double left = seconds;
        double due = 0;
        for (RatePlan.Phase phase : plan.phases()) {
            due += phase.until(Math.min(left, phase.seconds()));
            left = Math.max(0, left - phase.seconds());
        }
        return due;
    }

    private static List<Long> times(String plan, RateSchedule.Spacing spacing, long seed) {
        return times(RatePlan.parse(plan, DEFAULT), spacing, seed);
    }

    private static List<Long> times(RatePlan plan, RateSchedule.Spacing spacing, long seed) {
        return all(new RateSchedule(plan, spacing, ONE, ONE, Long.MAX_VALUE, seed)).stream()
                .map(Arrival::atNanos)
                .toList();
    }

    private static List<Arrival> all(RateSchedule schedule) {
        List<Arrival> all = new ArrayList<>();
        for (Arrival next = schedule.next(); next != null; next = schedule.next()) {
            all.add(next);
        }
        return all;
    }
}
