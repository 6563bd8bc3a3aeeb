package io.blockplane.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ \"b\" : 1 , \"a\":[ 1.50, 1e3 ] } | {\"b\":1,\"a\":[1.5,1000.0]}",
                "12345678901234567890123 | 12345678901234567890123",
                "null | null",
                "\"\\u00e9\" | \"é\""
            })
    void writesOneTextForOneValue(String given, String canonical) {
        assertThat(Json.parse(given).text()).isEqualTo(canonical);
        assertThat(Json.parse(canonical)).isEqualTo(Json.parse(given));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{'a':1}", "NaN", "1 2", "{\"a\":1,\"a\":2}", "[1e999]"})
    void refusesWhatIsNoJson(String given) {
        assertThatThrownBy(() -> Json.parse(given)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void doublesSurviveRoundTrips() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                Json once = Json.parse(Double.toString(value));
                assertThat(Json.parse(once.text())).isEqualTo(once);
                assertThat(once.node().doubleValue()).isEqualTo(value);
            }
        }
    }
}
