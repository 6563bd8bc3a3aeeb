package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each balancer against a naive model, on random questions. */
class BalancersTest {

    private static final int ROUNDS = 2_000;
    private static final Prequal PREQUAL = new Prequal(0.5, 2, 1, Duration.ofSeconds(1), 32);
    private static final SessionAffine AFFINE = new SessionAffine(1.25, 2);
    private static final List<NativeBalancer> ALL =
            List.of(
                    new RoundRobin(),
                    new LeastOutstanding(),
                    new PowerOfTwo(),
                    AFFINE,
                    PREQUAL,
                    new OutstandingTokens(4, 128, 1));

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void eachPicksACandidateAndTheSameForTheSameQuestion(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Question question = question(random);
            for (NativeBalancer balancer : ALL) {
                String choice = balancer.choose(question);
                assertThat(question.candidates())
                        .as(balancer.uri())
                        .extracting(InstanceLoad::instanceId)
                        .contains(choice);
                Question again =
                        new Question(
                                question.sequence(),
                                question.packet(),
                                new ArrayList<>(question.candidates()));
                assertThat(balancer.choose(again)).as(balancer.uri()).isEqualTo(choice);
            }
        }
    }

    @Test
    void roundRobinGivesEachOneOfAnyNInARow() {
        for (int n = 1; n <= 9; n++) {
            for (long from : new long[] {1, 17, Long.MAX_VALUE - 4}) {
                Map<String, Integer> picks = new HashMap<>();
                for (int i = 0; i < n; i++) {
                    picks.merge(choose(new RoundRobin(), from + i, idle(n)), 1, Integer::sum);
                }
                assertThat(picks).hasSize(n);
            }
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void powerOfTwoNeverPicksTheSingleWorstAndDrawsEachPairAlike(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> picks = new TreeMap<>();
        int rounds = 60_000;
        // Of 5 with loads 0..4 the one with load k loses to all below: P = (4 - k) / 10.
        List<InstanceLoad> loads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            loads.add(new InstanceLoad("in-" + i, i));
        }
        for (int i = 0; i < rounds; i++) {
            picks.merge(choose(new PowerOfTwo(), random.nextLong(), loads), 1, Integer::sum);
        }
        assertThat(picks).doesNotContainKey("in-4");
        for (int k = 0; k < 4; k++) {
            assertThat(picks.getOrDefault("in-" + k, 0) / (double) rounds)
                    .as("share of load %d", k)
                    .isCloseTo((4 - k) * 2 / 20.0, within(0.01));
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void tokensPicksTheFewestTokensThenTheFewestTasks(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        OutstandingTokens balancer = new OutstandingTokens(4, 128, 1);
        for (int i = 0; i < ROUNDS; i++) {
            Question question = question(random);
            InstanceLoad chosen = chosen(balancer, question);
            Comparator<InstanceLoad> order =
                    Comparator.<InstanceLoad>comparingLong(c -> c.tokens() == null ? 0 : c.tokens())
                            .thenComparingInt(InstanceLoad::outstanding);
            InstanceLoad least = question.candidates().stream().min(order).orElseThrow();
            assertThat(order.compare(chosen, least)).isZero();
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void prequalPicksTheFastestOfTheColdOnes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ROUNDS; i++) {
            double quantile = random.nextInt(11) / 10.0;
            double tolerance = 1 + random.nextInt(3);
            Prequal balancer = new Prequal(quantile, tolerance, 1, Duration.ofSeconds(1), 32);
            Question question = question(random);
            List<InstanceLoad> known =
                    question.candidates().stream().filter(c -> c.inFlight() != null).toList();
            InstanceLoad chosen = chosen(balancer, question);
            if (known.isEmpty()) {
                assertThat(chosen).isEqualTo(chosen(new PowerOfTwo(), question));
                continue;
            }
            // The threshold: at least the share q of them have no more than it.
            int threshold =
                    known.stream()
                            .mapToInt(BalancersTest::inFlight)
                            .sorted()
                            .filter(t ->
                                    known.stream().filter(c -> inFlight(c) <= t).count()
                                            >= quantile * known.size())
                            .findFirst()
                            .orElseThrow();
            List<InstanceLoad> cold = known.stream().filter(c -> inFlight(c) <= threshold).toList();
            long lowest =
                    cold.stream()
                            .mapToLong(BalancersTest::latency)
                            .filter(l -> l > 0)
                            .min()
                            .orElse(0);
            List<InstanceLoad> alike =
                    cold.stream().filter(c -> latency(c) <= tolerance * lowest).toList();
            assertThat(alike).contains(chosen);
            assertThat(alike).allMatch(c -> inFlight(c) >= inFlight(chosen));
        }
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void affineGoesDownTheSessionsPreferenceToTheFirstThatIsBelowTheBound(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Question question = question(random);
            String session = question.packet().sessionId();
            List<InstanceLoad> left = new ArrayList<>(question.candidates());
            int total = left.stream().mapToInt(InstanceLoad::outstanding).sum() + 1;
            double capacity = Math.max(2, Math.ceil(1.25 * total / left.size()));
            String naive = null;
            while (naive == null) {
                // With no load at all the choice is the most preferred.
                InstanceLoad preferred =
                        chosen(
                                AFFINE,
                                new Question(
                                        random.nextLong(),
                                        new PacketFacts(session, random.nextLong()),
                                        left.stream()
                                                .map(c -> new InstanceLoad(c.instanceId(), 0))
                                                .toList()));
                InstanceLoad real =
                        left.stream()
                                .filter(c -> c.instanceId().equals(preferred.instanceId()))
                                .findFirst()
                                .orElseThrow();
                if (real.outstanding() < capacity) {
                    naive = real.instanceId();
                }
                left.remove(real);
            }
            assertThat(AFFINE.choose(question)).isEqualTo(naive);
        }
    }

    @Test
    void affineMovesOnlyTheSessionsOfAnInstanceThatGoesAndSpreadsThem() {
        int sessions = 20_000;
        List<InstanceLoad> eight = idle(8);
        List<InstanceLoad> seven = new ArrayList<>(eight);
        seven.remove(3);
        Map<String, Integer> before = new TreeMap<>();
        Map<String, Integer> movedTo = new TreeMap<>();
        for (int i = 0; i < sessions; i++) {
            PacketFacts packet = new PacketFacts("session-" + i, 0);
            String first = AFFINE.choose(new Question(i, packet, eight));
            String second = AFFINE.choose(new Question(i, packet, seven));
            before.merge(first, 1, Integer::sum);
            if (first.equals("in-3")) {
                movedTo.merge(second, 1, Integer::sum);
            } else {
                assertThat(second).isEqualTo(first);
            }
        }
        assertThat(before.values())
                .hasSize(8)
                .allSatisfy(n -> assertThat(n).isCloseTo(sessions / 8, within(sessions / 80)));
        assertThat(movedTo.values())
                .hasSize(7)
                .allSatisfy(n -> assertThat(n).isCloseTo(sessions / 56, within(sessions / 200)));
    }

    private static long latency(InstanceLoad load) {
        Long known = load.latencyUs();
        return known == null ? 0 : known;
    }

    private static int inFlight(InstanceLoad load) {
        Integer known = load.inFlight();
        return known == null ? Integer.MAX_VALUE : known;
    }

    private static InstanceLoad chosen(NativeBalancer balancer, Question question) {
        String id = balancer.choose(question);
        return question.candidates().stream()
                .filter(c -> c.instanceId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static String choose(NativeBalancer balancer, long sequence, List<InstanceLoad> of) {
        return balancer.choose(new Question(sequence, new PacketFacts("s", 1), of));
    }

    private static List<InstanceLoad> idle(int n) {
        List<InstanceLoad> loads = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            loads.add(new InstanceLoad("in-" + i, 0));
        }
        return loads;
    }

    private static Question question(SplittableRandom random) {
        List<InstanceLoad> candidates = new ArrayList<>();
        boolean probed = random.nextInt(4) > 0;
        for (int i = random.nextInt(1, 12); i > 0; i--) {
            boolean known = probed && random.nextInt(5) > 0;
            candidates.add(
                    new InstanceLoad(
                            "in-" + i,
                            random.nextInt(6),
                            known ? random.nextInt(8) : null,
                            known ? (long) random.nextInt(20) : null,
                            random.nextInt(5) > 0 ? (long) random.nextInt(5) : null));
        }
        return new Question(
                random.nextLong(),
                new PacketFacts("session-" + random.nextInt(100), random.nextLong()),
                candidates);
    }
}
