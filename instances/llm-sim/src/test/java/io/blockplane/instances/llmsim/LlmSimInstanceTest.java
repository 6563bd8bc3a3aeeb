package io.blockplane.instances.llmsim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.instances.Result;
import io.blockplane.proto.aios.AIOSPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LlmSimInstanceTest {

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void answersLikeAModelAndSaysThatItIsNone() throws Exception {
        try (LlmSimInstance instance = LlmSimInstance.load("{\"speed\":200}")) {
            String prompt = "{\"prompt\":\"one two  three\",\"max_tokens\":5}";
            Result.Output output = (Result.Output) instance.process(packet(prompt));

            assertThat(output.inputTokens()).isEqualTo(3);
            assertThat(output.outputTokens()).isEqualTo(5);
            JsonNode answer = JSON.readTree(output.data());
            assertThat(answer.path("model").asText())
                    .isEqualTo("llm-sim: a simulation of formula-8b/no-gpu/1");
            assertThat(answer.path("simulation").asBoolean()).isTrue();
            assertThat(answer.path("text").asText().split(" ")).hasSize(5);
            assertThat(instance.process(packet(prompt))).isEqualTo(output);
        }
    }

    @Test
    void streamsATokenAPieceAndStopsWhenNobodyListens() throws Exception {
        try (LlmSimInstance instance = LlmSimInstance.load("{\"speed\":200}")) {
            List<String> pieces = new ArrayList<>();
            AIOSPacket chat =
                    packet(
                            "{\"messages\":[{\"content\":\"a b\"},{\"content\":\"c\"}],"
                                    + "\"max_tokens\":4}");
            Result result = instance.stream(chat, pieces::add);
            assertThat(pieces).hasSize(4);
            assertThat(result).isEqualTo(new Result.Output("", 3, 4));

            List<String> few = new ArrayList<>();
            Result cut =
                    instance.stream(
                            packet("{\"prompt\":\"a\",\"max_tokens\":100000}"),
                            piece -> few.add(piece) && few.size() < 3);
            assertThat(cut).isEqualTo(new Result.Output("", 1, 3));
        }
    }

    @Test
    void servesManyAtOnce() throws Exception {
        try (LlmSimInstance instance = LlmSimInstance.load("{\"speed\":500,\"batch\":8}");
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Result>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                AIOSPacket packet = packet("{\"prompt\":\"p " + i + "\",\"max_tokens\":20}");
                all.add(callers.submit(() -> instance.process(packet)));
            }
            for (Future<Result> one : all) {
                assertThat(((Result.Output) one.get()).outputTokens()).isEqualTo(20);
            }
        }
    }

    @Test
    void refusesWhatItCannotDoWithAReason() throws Exception {
        try (LlmSimInstance instance = LlmSimInstance.load("{\"cache_tokens\":100}")) {
            assertThat(message(instance, "x")).startsWith("data: x (expected: a JSON object");
            assertThat(message(instance, "{}")).startsWith("data: {} (expected:");
            assertThat(message(instance, "{\"prompt\":\"a\",\"max_tokens\":0}"))
                    .isEqualTo("data.max_tokens: 0 (expected: 1 or more)");
            assertThat(message(instance, "{\"prompt\":\"a\",\"max_tokens\":100}"))
                    .isEqualTo(
                            "data.max_tokens: 1 in and 100 out (expected: together at most 100"
                                    + " tokens)");
        }
        assertThatThrownBy(() -> LlmSimInstance.load("{\"spped\":1}"))
                .hasMessageContaining("settings: [spped] (expected: [batch,");
        assertThatThrownBy(() -> LlmSimInstance.load("{\"speed\":0}"))
                .hasMessage("speed: 0.0 (expected: > 0)");
    }

    private static String message(LlmSimInstance instance, String data) {
        return ((Result.InvalidInput) instance.process(packet(data))).message();
    }

    private static AIOSPacket packet(String data) {
        return AIOSPacket.newBuilder().setSessionId("s").setData(data).build();
    }
}
