package io.blockplane.simulator.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class TracesTest {

    private static final String AZURE_HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n";

    private static BufferedReader text(String text) {
        return new BufferedReader(new StringReader(text));
    }

    private static Workload azure(String rows) throws IOException {
        return CsvTrace.azure(2).read("azure", "t.csv", "", text(AZURE_HEAD + rows));
    }

    private static Workload mooncake(String lines) throws IOException {
        return MooncakeTrace.read("m.jsonl", "", text(lines));
    }

    @Test
    void readsTheAzureTrace() throws IOException {
        Workload workload =
                azure("2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,0,8\n");
        assertThat(workload.originMs()).isEqualTo(1_700_158_623_000L);
        assertThat(workload.requests())
                .containsExactly(
                        Request.of(0, 979_960_000, "trace-0", 0, 4808, 10),
                        Request.of(1, 1_031_960_000, "trace-1", 0, 1, 8));
        assertThat(workload.faster(4).lastNanos()).isEqualTo(257_990_000);
    }

    @Test
    void readsACsvWithColumnsOfItsOwn() throws IOException {
        Workload workload =
                new CsvTrace("t", "in", "out", "who", 1)
                        .read("csv", "c.csv", "", text("who,t,in,out\na,10.5,3,4\na,11,5,6\n"));
        assertThat(workload.requests())
                .containsExactly(
                        Request.of(0, 500_000_000, "a", 0, 3, 4),
                        Request.of(1, 1_000_000_000, "a", 1, 5, 6));
    }

    @Test
    void promptsThatBeginAlikeAreOneSession() throws IOException {
        Workload workload =
                mooncake(
                        """
                        {"timestamp": 0, "input_length": 1200, "output_length": 5, "hash_ids": [1, 2, 3]}
                        {"timestamp": 10, "input_length": 900, "output_length": 5, "hash_ids": [1, 9]}
                        {"timestamp": 20, "input_length": 1700, "output_length": 5, "hash_ids": [1, 2, 3, 4]}
                        """);
        assertThat(workload.requests())
                .extracting(Request::session)
                .containsExactly("prompt-0", "prompt-1", "prompt-0");
        assertThat(workload.requests()).extracting(Request::seqNo).containsExactly(0L, 0L, 1L);
        assertThat(workload.lastNanos()).isEqualTo(20_000_000);
    }

    @Test
    void whatIsWrongIsNamedByFileLineFieldAndValue() {
        assertThatThrownBy(() -> azure("2023-11-16 18:17:03,many,10\n"))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "t.csv:2: ContextTokens: many (expected: a number of tokens, 0 to"
                                + " 10000000)");
        assertThatThrownBy(() -> azure("yesterday,1,10\n"))
                .hasMessageStartingWith("t.csv:2: TIMESTAMP: yesterday (expected: a time");
        assertThatThrownBy(() -> azure("2023-11-16 18:17:03,1,2\n2023-11-16 18:17:02,1,2\n"))
                .hasMessage(
                        "t.csv:3: TIMESTAMP: 2023-11-16 18:17:02 (expected: not before the row"
                                + " above)");
        assertThatThrownBy(() -> azure("2023-11-16 18:17:03,1\n"))
                .hasMessage("t.csv:2: GeneratedTokens: absent (expected: a value)");
        assertThatThrownBy(() -> CsvTrace.azure(1).read("azure", "t.csv", "", text("a,b\n1,2\n")))
                .hasMessage("t.csv:1: columns: [a, b] (expected: TIMESTAMP among them)");
        assertThatThrownBy(() -> azure("")).hasMessage("t.csv: no rows (expected: at least one)");
        assertThatThrownBy(() -> mooncake("{\"timestamp\": -1}\n"))
                .hasMessage("m.jsonl:1: timestamp: -1 (expected: a number from 0 on)");
        assertThatThrownBy(() -> mooncake("hello\n"))
                .hasMessage("m.jsonl:1: line: hello (expected: JSON)");
        assertThatThrownBy(() -> mooncake("{\"timestamp\": 1, \"hash_ids\": 3}\n"))
                .hasMessage("m.jsonl:1: hash_ids: 3 (expected: a list of numbers)");
    }
}
