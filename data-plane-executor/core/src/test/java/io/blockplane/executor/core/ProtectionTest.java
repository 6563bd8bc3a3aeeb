package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Limits;
import io.blockplane.executor.core.OutlierEjection.Readmission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtectionTest {

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final Set<String> FOUR = Set.of("a", "b", "c", "d");

    private final OutlierEjection ejection = new OutlierEjection(Limits.DEFAULT);

    @Test
    void ejectsAfterSoManyFailuresInARowAndNotBefore() {
        ejection.members(FOUR, 0);
        for (int i = 1; i < 5; i++) {
            assertThat(ejection.failed("a", "UNAVAILABLE", i)).isNull();
        }
        assertThat(ejection.failed("a", "UNAVAILABLE", 5))
                .isEqualTo(
                        new Ejection(
                                "a",
                                "5 attempts in a row failed; last: UNAVAILABLE",
                                5,
                                5,
                                5,
                                1,
                                Duration.ofSeconds(5)));
        assertThat(ejection.isEjected("a")).isTrue();
        assertThat(ejection.isEjected("b")).isFalse();
    }

    @Test
    void anAnswerEndsARow() {
        ejection.members(FOUR, 0);
        for (int i = 0; i < 4; i++) {
            ejection.failed("a", "x", i);
        }
        ejection.answered("a", 4);
        for (int i = 0; i < 4; i++) {
            assertThat(ejection.failed("a", "x", 5 + i)).isNull();
        }
    }

    @Test
    void ejectsByTheShareOfAWindowThatHasEnoughAttempts() {
        ejection.members(FOUR, 0);
        Ejection out = null;
        int attempts = 0;
        while (out == null) {
            ejection.answered("a", attempts++);
            out = ejection.failed("a", "x", attempts++);
        }
        assertThat(attempts).isEqualTo(20);
        assertThat(out.reason()).isEqualTo("10 of 20 attempts failed; last: x");
    }

    @Test
    void staysAwayLongerEachTimeInARowAndBeginsAnewAfterServingWell() {
        ejection.members(FOUR, 0);
        long now = fail("a", 0);
        assertThat(ejection.due(now + 5 * SECOND - 1)).isEmpty();
        now += 5 * SECOND;
        assertThat(ejection.due(now))
                .containsExactly(new Readmission("a", Duration.ofSeconds(5), 1));
        assertThat(ejection.isEjected("a")).isFalse();

        now = fail("a", now + SECOND);
        assertThat(ejection.due(now + 10 * SECOND - 1)).isEmpty();
        now += 10 * SECOND;
        assertThat(ejection.due(now))
                .containsExactly(new Readmission("a", Duration.ofSeconds(10), 2));

        now = fail("a", now + 21 * SECOND);
        assertThat(ejection.due(now + 5 * SECOND))
                .extracting(Readmission::times)
                .containsExactly(1);
    }

    @Test
    void takesAtMostTheShareOut() {
        ejection.members(FOUR, 0);
        fail("a", 0);
        fail("b", 0);
        for (int i = 0; i < 50; i++) {
            assertThat(ejection.failed("c", "x", i)).isNull();
        }
        ejection.due(6 * SECOND);
        assertThat(ejection.failed("c", "x", 6 * SECOND)).isNotNull();
        OutlierEjection single = new OutlierEjection(Limits.DEFAULT);
        single.members(Set.of("a"), 0);
        for (int i = 0; i < 50; i++) {
            assertThat(single.failed("a", "x", i)).isNull();
        }
    }

    @Test
    void bringsOneBackWhenTooFewAreLeft() {
        ejection.members(FOUR, 0);
        fail("a", 0);
        fail("b", SECOND);
        assertThat(ejection.members(Set.of("a", "b", "c"), 2 * SECOND))
                .extracting(Readmission::instanceId)
                .containsExactly("a");
        assertThat(ejection.members(Set.of("b"), 2 * SECOND))
                .extracting(Readmission::instanceId)
                .containsExactly("b");
        assertThat(ejection.ejected()).isZero();
    }

    @Test
    void refusesToEjectOnASingleFailure() {
        assertThatThrownBy(() ->
                        new Limits(
                                1,
                                50,
                                20,
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(1),
                                50))
                .hasMessage("consecutiveFailures: 1 (expected: >= 2)");
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void neverEjectsMoreThanTheShareAndAllComeBack(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        TreeSet<String> members = new TreeSet<>();
        long now = 0;
        for (int step = 0; step < 5_000; step++) {
            now += random.nextLong(SECOND / 10);
            String id = "in-" + random.nextInt(10);
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (!members.remove(id)) {
                        members.add(id);
                    }
                    ejection.members(members, now);
                }
                case 1 -> ejection.forget(id);
                case 2, 3 -> ejection.answered(id, now);
                default -> ejection.failed(id, "x", now);
            }
            ejection.due(now);
            long away = members.stream().filter(ejection::isEjected).count();
            assertThat(ejection.ejected()).isEqualTo((int) away);
            assertThat(away).isLessThanOrEqualTo(members.size() / 2);
        }
        ejection.due(now + Limits.DEFAULT.maxEjection().toNanos());
        assertThat(ejection.ejected()).isZero();
    }

    @Test
    void aNewInstanceGetsAShareThatGrows() {
        SlowStart slow = new SlowStart(Duration.ofSeconds(10));
        slow.begin("new", 0);
        assertThat(admitted(slow, 0)).isCloseTo(0.1, within(0.02));
        assertThat(admitted(slow, 5 * SECOND)).isCloseTo(0.55, within(0.02));
        assertThat(admitted(slow, 10 * SECOND)).isEqualTo(1);
        assertThat(slow.allWarm()).isTrue();
    }

    @Test
    void instancesThatAreAllNewAreAllCandidates() {
        SlowStart slow = new SlowStart(Duration.ofSeconds(10));
        slow.begin("a", 0);
        slow.begin("b", 0);
        double warmest = Math.max(slow.share("a", SECOND), slow.share("b", SECOND));
        for (long key = 0; key < 100; key++) {
            assertThat(slow.admits("a", key, warmest, SECOND)).isTrue();
            assertThat(slow.admits("b", key, warmest, SECOND)).isTrue();
        }
    }

    @Test
    void aSessionThatIsAdmittedStaysSo() {
        SlowStart slow = new SlowStart(Duration.ofSeconds(10));
        slow.begin("new", 0);
        for (int s = 0; s < 200; s++) {
            long key = SlowStart.key("session-" + s);
            boolean before = false;
            for (int tenth = 0; tenth < 100; tenth++) {
                boolean now = slow.admits("new", key, 1, tenth * SECOND / 10);
                assertThat(before && !now).isFalse();
                before = now;
            }
        }
    }

    @Test
    void repetitionsAreAShareOfRequestsAndAFewASecond() {
        RetryBudget budget = new RetryBudget(20, 1);
        assertThat(taken(budget, 0)).isEqualTo(10);
        for (int i = 0; i < 1_000; i++) {
            budget.requested(0);
        }
        assertThat(taken(budget, 0)).isEqualTo(200);
        assertThat(taken(budget, 5 * SECOND)).isZero();
        assertThat(taken(budget, 20 * SECOND)).isEqualTo(10);
        assertThat(new RetryBudget(0, 0).tryRetry(0)).isFalse();
    }

    @Test
    void tellsWhenToComeAgainByTheQueueAndTheRate() {
        Backpressure pressure = new Backpressure();
        assertThat(pressure.retryAfter(10, 0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(pressure.hopeless(1_000, Duration.ofMillis(1), 0)).isFalse();
        for (int i = 0; i < 1_000; i++) {
            pressure.ended(i * SECOND / 100, SECOND / 10);
        }
        long now = 10 * SECOND;
        assertThat(pressure.perSecond(now)).isCloseTo(100, within(11.0));
        assertThat(pressure.retryAfter(499, now).toMillis()).isCloseTo(5_000, within(600L));
        assertThat(pressure.retryAfter(0, now)).isEqualTo(Backpressure.MIN_RETRY_AFTER);
        assertThat(pressure.retryAfter(1_000_000, now)).isEqualTo(Backpressure.MAX_RETRY_AFTER);
        assertThat(pressure.hopeless(99, Duration.ofSeconds(1), now)).isTrue();
        assertThat(pressure.hopeless(99, Duration.ofMillis(1_400), now)).isFalse();
        assertThat(pressure.perSecond(now + 6 * SECOND)).isZero();
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void countsWhatANaiveListCounts(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        WindowedCount count = new WindowedCount(Duration.ofSeconds(10));
        List<Long> times = new ArrayList<>();
        long now = random.nextLong(-100 * SECOND, 100 * SECOND);
        for (int i = 0; i < 3_000; i++) {
            now += random.nextInt(50) == 0 ? 15 * SECOND : random.nextLong(SECOND / 2);
            if (random.nextBoolean()) {
                count.add(now, 1);
                times.add(now);
            }
            long slice = Math.floorDiv(now, SECOND);
            long naive = times.stream().filter(t -> Math.floorDiv(t, SECOND) > slice - 10).count();
            assertThat(count.sum(now)).isEqualTo(naive);
        }
    }

    private long fail(String id, long nowNanos) {
        for (int i = 0; i < 4; i++) {
            ejection.failed(id, "x", nowNanos);
        }
        assertThat(ejection.failed(id, "x", nowNanos)).isNotNull();
        return nowNanos;
    }

    private static int taken(RetryBudget budget, long nowNanos) {
        int taken = 0;
        while (budget.tryRetry(nowNanos)) {
            taken++;
        }
        return taken;
    }

    private static double admitted(SlowStart slow, long nowNanos) {
        int admitted = 0;
        for (long key = 0; key < 10_000; key++) {
            admitted += slow.admits("new", key, 1, nowNanos) ? 1 : 0;
        }
        return admitted / 10_000.0;
    }
}
