package io.blockplane.llm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LlmEngineTest {

    /** Prefill 1 ms a token; decode 10 ms, and 1 ms a sequence. */
    private static final ServiceTimes TIMES =
            new ServiceTimes(
                    "t",
                    List.of(new ServiceTimes.Point(0, 0), new ServiceTimes.Point(1000, 1000)),
                    10,
                    1,
                    0);

    @Test
    void prefillsThenWritesATokenAStep() {
        LlmEngine<String> engine = engine(4, 1000, 0);
        engine.offer("a", 100, 3);

        assertThat(engine.step()).isEqualTo(step(100, List.of("a"), List.of()));
        assertThat(engine.contextTokens()).isEqualTo(101);
        assertThat(engine.step()).isEqualTo(step(11, List.of("a"), List.of()));
        assertThat(engine.step()).isEqualTo(step(11, List.of("a"), List.of("a")));
        assertThat(engine.step()).isNull();
        assertThat(engine.contextTokens()).isZero();
    }

    @Test
    void takesNewcomersBetweenTokensAndMakesTheOthersWaitForTheirPrefill() {
        LlmEngine<String> engine = engine(4, 1000, 0);
        engine.offer("a", 100, 5);
        engine.step();
        engine.offer("b", 50, 1);
        engine.offer("c", 50, 2);

        assertThat(engine.step()).isEqualTo(step(100, List.of("b", "c"), List.of("b")));
        assertThat(engine.step()).isEqualTo(step(12, List.of("a", "c"), List.of("c")));
    }

    @Test
    void letsWaitWhatTheBatchOrTheCacheHasNoPlaceFor() {
        LlmEngine<String> engine = engine(2, 300, 0);
        assertThat(engine.offer("a", 100, 1)).isEqualTo(LlmEngine.Offer.TAKEN);
        assertThat(engine.offer("b", 250, 50)).isEqualTo(LlmEngine.Offer.TAKEN);
        assertThat(engine.offer("c", 250, 51)).isEqualTo(LlmEngine.Offer.TOO_LARGE);
        assertThat(engine.offer("d", 10, 10)).isEqualTo(LlmEngine.Offer.TAKEN);
        assertThat(engine.offer("e", 10, 10)).isEqualTo(LlmEngine.Offer.FULL);

        assertThat(engine.step()).isEqualTo(step(100, List.of("a"), List.of("a")));
        // d would fit beside b's neighbour, but b was first.
        assertThat(engine.step()).isEqualTo(step(250, List.of("b"), List.of()));
        assertThat(engine.waiting()).isEqualTo(1);
        engine.cancel("b");
        assertThat(engine.step()).isEqualTo(step(10, List.of("d"), List.of()));
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void writesEveryTokenOnceWithinItsLimitsAndTheSameAgain(long seed) {
        List<Object> first = run(seed);
        assertThat(run(seed)).isEqualTo(first);
    }

    private static List<Object> run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int cache = random.nextInt(200, 1000);
        int batch = random.nextInt(1, 8);
        LlmEngine<Integer> engine =
                new LlmEngine<>(TIMES, new LlmEngine.Limits(batch, cache, 10_000, 0.1), seed);
        Map<Integer, Integer> wanted = new HashMap<>();
        Map<Integer, Integer> written = new HashMap<>();
        List<Object> trace = new ArrayList<>();
        int ended = 0;
        for (int request = 0; request < 200 || ended < wanted.size(); request++) {
            if (request < 200) {
                int out = random.nextInt(1, 50);
                if (engine.offer(request, random.nextInt(1, 150), out) == LlmEngine.Offer.TAKEN) {
                    wanted.put(request, out);
                }
            }
            LlmEngine.Step<Integer> step = engine.step();
            if (step != null) {
                assertThat(step.ms()).isPositive();
                step.wrote().forEach(r -> written.merge(r, 1, Integer::sum));
                ended += step.ended().size();
                trace.add(step);
            }
            assertThat(engine.running()).isLessThanOrEqualTo(batch);
            assertThat(engine.contextTokens()).isBetween(0L, (long) cache);
        }
        assertThat(written).isEqualTo(wanted);
        assertThat(engine.contextTokens()).isZero();
        return trace;
    }

    private static LlmEngine<String> engine(int batch, long cache, double jitter) {
        return new LlmEngine<>(TIMES, new LlmEngine.Limits(batch, cache, 3, jitter), 1);
    }

    private static LlmEngine.Step<String> step(double ms, List<String> wrote, List<String> ended) {
        return new LlmEngine.Step<>(ms, wrote, ended);
    }
}
