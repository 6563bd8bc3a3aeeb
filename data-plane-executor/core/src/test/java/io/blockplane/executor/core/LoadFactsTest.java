package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadFactsTest {

    private static final long MILLI = Duration.ofMillis(1).toNanos();
    private static final Prequal TUNING = new Prequal(0.5, 2, 0.5, Duration.ofSeconds(1), 2);

    @Test
    void whatWasCutOffCountsAsAtLeastWhatItIsSaidToAndIsNotAmongTheAnswered() {
        OwnLatency latency = new OwnLatency();
        latency.ended(latency.started(0), /* tells= */ true, 10 * MILLI);
        assertThat(latency.answeredUs(10 * MILLI)).isEqualTo(10_000);
        for (int i = 0; i < 3; i++) {
            latency.cutOff(latency.started(10 * MILLI), 40_000, 15 * MILLI);
        }
        assertThat(latency.estimateUs(15 * MILLI)).isEqualTo(40_000);
        assertThat(latency.answeredUs(15 * MILLI)).isEqualTo(10_000);
        for (int i = 0; i < 5; i++) {
            latency.cutOff(latency.started(15 * MILLI), 40_000, 115 * MILLI);
        }
        assertThat(latency.estimateUs(115 * MILLI)).isEqualTo(100_000);
        assertThat(latency.answeredUs(6_000 * MILLI)).isZero();
    }

    @Test
    void whatWasCutOffIsNotAlikeToTheOthers() {
        assertThat(TUNING.cutOffUs(new long[] {})).isZero();
        assertThat(TUNING.cutOffUs(new long[] {900, 5_000, 1_000})).isEqualTo(4_000);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void ownLatencyIsTheMedianOrHalfTheOldestAge(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        OwnLatency latency = new OwnLatency();
        record Known(OwnLatency.Running running, long start) {}
        List<Known> running = new ArrayList<>();
        record Sample(long us, long at) {}
        List<Sample> samples = new ArrayList<>();
        long median = 0;
        long last = 0;
        long now = 0;
        for (int i = 0; i < 5_000; i++) {
            now += random.nextInt(500) == 0 ? 6_000 * MILLI : random.nextLong(20 * MILLI);
            if (random.nextBoolean() || running.isEmpty()) {
                running.add(new Known(latency.started(now), now));
            } else {
                Known known = running.remove(random.nextInt(running.size()));
                boolean tells = random.nextInt(4) > 0;
                latency.ended(known.running(), tells, now);
                if (tells) {
                    long ended = now;
                    samples.add(new Sample((now - known.start()) / 1_000, now));
                    List<Long> recent =
                            samples
                                    .subList(Math.max(0, samples.size() - 15), samples.size())
                                    .stream()
                                    .filter(s -> ended - s.at() <= 5_000 * MILLI)
                                    .map(Sample::us)
                                    .sorted()
                                    .toList();
                    median = recent.get(recent.size() / 2);
                    last = now;
                }
            }
            if (now - last > 5_000 * MILLI) {
                median = 0;
            }
            long at = now;
            long oldest = running.stream().mapToLong(k -> (at - k.start()) / 2_000).max().orElse(0);
            assertThat(latency.estimateUs(now)).isEqualTo(Math.max(median, oldest));
        }
    }

    @Test
    void aProbeServesUntilItIsOldOrUsedUp() {
        ProbePool pool = new ProbePool(TUNING);
        List<String> ids = List.of("a", "b");
        pool.answered("a", 3, 5_000, 0);
        assertThat(pool.enough(ids, 0)).isFalse();
        pool.answered("b", 0, 0, 0);
        assertThat(pool.enough(ids, 0)).isTrue();
        pool.picked("a");
        assertThat(pool.usable("a", 0)).isEqualTo(new ProbePool.Probe(4, 5_000));
        pool.picked("a");
        assertThat(pool.usable("a", 0)).isNull();
        assertThat(pool.usable("b", 1_000 * MILLI)).isNotNull();
        assertThat(pool.usable("b", 1_001 * MILLI)).isNull();
    }

    @Test
    void probesAsOftenAsItSaysAndEachInstanceAlike() {
        ProbePool pool = new ProbePool(TUNING);
        List<String> ids = List.of("a", "b", "c", "d");
        Map<String, Integer> probed = new HashMap<>();
        for (long sequence = 0; sequence < 40_000; sequence++) {
            pool.toProbe(sequence, ids).forEach(id -> probed.merge(id, 1, Integer::sum));
        }
        assertThat(probed.values())
                .hasSize(4)
                .allSatisfy(n -> assertThat(n).isCloseTo(5_000, within(250)));
        ProbePool eager = new ProbePool(new Prequal(0.5, 2, 3, Duration.ofSeconds(1), 2));
        assertThat(eager.toProbe(1, ids)).hasSize(3).doesNotHaveDuplicates();
        assertThat(eager.toProbe(1, List.of())).isEmpty();
    }

    @Test
    void tokensAreEstimatedByWhatTasksHadSoFar() {
        TokenEstimate estimate = new TokenEstimate(new OutstandingTokens(4, 100, 2));
        assertThat(estimate.of(400)).isEqualTo(300);
        estimate.completed(400, 0, 0);
        assertThat(estimate.of(400)).isEqualTo(300);
        for (int i = 0; i < 400; i++) {
            estimate.completed(400, 200, 50);
        }
        assertThat(estimate.of(400)).isEqualTo(300);
        assertThat(estimate.of(0)).isEqualTo(100);
        assertThat(new TokenEstimate(new OutstandingTokens(4, 0, 0)).of(0)).isEqualTo(1);
    }
}
