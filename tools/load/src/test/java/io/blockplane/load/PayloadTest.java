package io.blockplane.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {

    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void hasAsManyWordsAsTokens() throws Exception {
        Arrival arrival = new Arrival(0, 150, 9);

        JsonNode prompt = JSON.readTree(Payload.PROMPT.data(arrival, 1));
        assertThat(prompt.path("prompt").asText().split(" ")).hasSize(150);
        assertThat(prompt.path("max_tokens").asInt()).isEqualTo(9);
        JsonNode chat = JSON.readTree(Payload.CHAT.data(arrival, 1));
        assertThat(chat.path("messages").path(0).path("content").asText().split(" ")).hasSize(150);
        JsonNode texts = JSON.readTree(Payload.TEXTS.data(arrival, 1)).path("texts");
        assertThat(texts).hasSize(13);
        assertThat(Payload.TEXT.data(arrival, 1).split(" ")).hasSize(150);
    }

    @Test
    void readsTokenCounts() {
        assertThat(TokenCounts.parse("512")).isEqualTo(new TokenCounts.Fixed(512));
        assertThat(TokenCounts.parse("100..900")).isEqualTo(new TokenCounts.Uniform(100, 900));
        assertThat(TokenCounts.parse("512~4000")).isEqualTo(new TokenCounts.LogNormal(512, 4000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "9..1", "9~1", "-1", "1...2", "5000000"})
    void refusesWhatAreNoTokenCounts(String text) {
        assertThatThrownBy(() -> TokenCounts.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void logNormalHasItsMedianAndItsTail() {
        SplittableRandom random = new SplittableRandom(7);
        TokenCounts counts = new TokenCounts.LogNormal(1469, 7436);
        int[] drawn = new int[100_000];
        Arrays.setAll(drawn, _ -> counts.draw(random));
        Arrays.sort(drawn);

        assertThat(drawn[50_000]).isBetween(1440, 1500);
        assertThat(drawn[99_000]).isBetween(7000, 7900);
    }
}
