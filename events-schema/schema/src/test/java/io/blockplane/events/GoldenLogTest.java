package io.blockplane.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A log as version 1 wrote it: one event of every type. Today's code must read each and write the
 * same bytes again: a renamed or reordered field would break old logs and every recorded hash.
 */
class GoldenLogTest {

    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    /** One for each step of the vocabulary, never changed afterwards. */
    private static final List<String> LOGS = List.of("v1.jsonl", "v2.jsonl", "v3.jsonl");

    @Test
    void readsAndRewritesEveryEventOfTheGoldenLogToTheSameBytes() throws IOException {
        Map<String, Integer> seen = new TreeMap<>();
        for (String line : lines()) {
            int space = line.indexOf(' ');
            EventType<?> type = EventType.named(line.substring(0, space));
            String value = line.substring(space + 1);
            Event event =
                    EventJson.decode(
                            type.record(), value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(EventJson.text(event)).as(type.name()).isEqualTo(value);
            seen.merge(type.name(), 1, Integer::sum);
        }
        assertThat(seen.keySet())
                .containsExactlyInAnyOrderElementsOf(
                        EventType.ALL.stream().map(EventType::name).toList());
    }

    private static List<String> lines() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String log : LOGS) {
            lines.addAll(Files.readAllLines(GOLDEN.resolve(log)));
        }
        return lines;
    }

    @Test
    void hashesAreTheOnesThatOtherToolsCompute() {
        // printf '' | sha256sum
        assertThat(DecisionChain.sha256(""))
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(List.of(DecisionChain.GENESIS.length())).containsExactly(64);
    }
}
