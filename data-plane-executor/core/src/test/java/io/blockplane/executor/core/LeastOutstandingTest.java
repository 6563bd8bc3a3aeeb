package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeastOutstandingTest {

    private static final Balancer.PacketFacts PACKET = new Balancer.PacketFacts("s", 1);

    private final Balancer balancer = new LeastOutstanding();

    @Test
    void picksTheInstanceWithTheFewestTasks() {
        assertThat(choose(1, load("a", 3), load("b", 1), load("c", 2))).isEqualTo("b");
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void alwaysPicksOneOfTheLeastLoadedAndTheSameForTheSameQuestion(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            List<InstanceLoad> candidates = new ArrayList<>();
            for (int i = random.nextInt(1, 12); i > 0; i--) {
                candidates.add(load("in-" + i, random.nextInt(4)));
            }
            Balancer.Question question =
                    new Balancer.Question(random.nextLong(), PACKET, candidates);

            String choice = balancer.choose(question);

            int least = Collections.min(candidates.stream().map(c -> c.outstanding()).toList());
            assertThat(candidates).contains(load(choice, least));
            assertThat(balancer.choose(question)).isEqualTo(choice);
        }
    }

    @ParameterizedTest(name = "every {0}th question is the same tie")
    @ValueSource(ints = {1, 2, 3, 4, 6, 8})
    void givesEachOfATieItsShareWhateverTheRhythm(int stride) {
        Map<String, Integer> picks = new HashMap<>();
        int rounds = 40_000;
        for (int i = 0; i < rounds; i++) {
            picks.merge(
                    choose(
                            (long) i * stride,
                            load("a", 0),
                            load("b", 0),
                            load("c", 9),
                            load("d", 0)),
                    1,
                    Integer::sum);
        }

        assertThat(picks).containsOnlyKeys("a", "b", "d");
        assertThat(picks.values())
                .allSatisfy(n -> assertThat(n).isCloseTo(rounds / 3, within(rounds / 50)));
    }

    @Test
    void refusesAQuestionWithoutCandidates() {
        assertThatThrownBy(() -> choose(1)).hasMessage("candidates: none (expected: at least one)");
    }

    private String choose(long sequence, InstanceLoad... candidates) {
        return balancer.choose(new Balancer.Question(sequence, PACKET, List.of(candidates)));
    }

    private static InstanceLoad load(String id, int outstanding) {
        return new InstanceLoad(id, outstanding);
    }
}
