package io.blockplane.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceTimesTest {

    private static final String HEAD =
            "model,hardware,prompt_size,batch_size,token_size,peak_power,prompt_time,token_time,"
                    + "tensor_parallel";

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void findsTheCoefficientsThatATableWasMadeWith(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double base = random.nextDouble(5, 50);
        double perSequence = random.nextDouble(0.05, 1);
        double perToken = random.nextDouble(1e-5, 5e-4);
        double perPromptToken = random.nextDouble(0.05, 0.3);
        List<String> lines = new ArrayList<>(List.of(HEAD));
        for (int prompt : new int[] {128, 512, 2048, 8192}) {
            for (int batch : new int[] {1, 2, 8, 32, 64}) {
                double context = batch * (prompt + 64.0);
                double noise = random.nextDouble(0.99, 1.01);
                lines.add(
                        "m,h,%d,%d,128,1,%f,%f,8"
                                .formatted(
                                        prompt,
                                        batch,
                                        10 + perPromptToken * prompt * batch,
                                        noise * (base + perSequence * batch + perToken * context)));
            }
        }

        ServiceTimes times = ServiceTimes.fit(TimingTable.parse(lines), "m/h/8");

        for (int batch : new int[] {1, 20, 64}) {
            double exact = base + perSequence * batch + perToken * batch * 1000;
            assertThat(times.decodeMs(batch, batch * 1000.0) / exact).isCloseTo(1, within(0.05));
        }
        for (int tokens : new int[] {200, 3000, 100_000, 1_000_000}) {
            double exact = 10 + perPromptToken * tokens;
            assertThat(times.prefillMs(tokens) / exact).isCloseTo(1, within(0.01));
        }
    }

    @Test
    void neverFallsWithMoreTokensAndNeverTakesNothing() {
        ServiceTimes times = ServiceTimes.fit(TimingTable.formula(), "formula-8b/no-gpu/1");
        double before = 0;
        for (int tokens = 1; tokens < 100_000; tokens += 37) {
            double now = times.prefillMs(tokens);
            assertThat(now).isGreaterThanOrEqualTo(before).isPositive();
            before = now;
        }
        assertThat(times.decodePerSequenceMs()).isNotNegative();
        assertThat(times.decodePerContextTokenMs()).isNotNegative();
    }

    @Test
    void saysWhatIsWrongWithATable() {
        assertThatThrownBy(() -> TimingTable.parse(List.of()))
                .hasMessage("timings: empty (expected: a head line)");
        assertThatThrownBy(() -> TimingTable.parse(List.of("model,hardware", "m,h")))
                .hasMessageContaining("timings, line 2: columns: [model, hardware] (expected:");
        assertThatThrownBy(() -> TimingTable.parse(List.of(HEAD, "m,h,1,1,1,1,x,1,1")))
                .hasMessage("timings, line 2: prompt_time: x (expected: a number)");
        assertThatThrownBy(() -> TimingTable.parse(List.of(HEAD, "m,h,1,0,1,1,1,1,1")))
                .hasMessageContaining("batch_size: 0.0 (expected: > 0)");
        TimingTable one = TimingTable.parse(List.of(HEAD, "m,h,1,1,1,1,1,1,1"));
        assertThatThrownBy(() -> ServiceTimes.fit(one, "x"))
                .hasMessage("setup: x (expected: one of [m/h/1])");
        assertThatThrownBy(() -> ServiceTimes.fit(one, "m/h/1")).hasMessageContaining("at least 2");
    }
}
