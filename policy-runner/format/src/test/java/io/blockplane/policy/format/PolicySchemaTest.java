package io.blockplane.policy.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicySchemaTest {

    private static final Json COOLDOWN =
            Json.parse(
                    """
                    {"type": "object", "required": ["cooldown_seconds"], "properties": {
                       "cooldown_seconds": {"type": "number", "minimum": 0},
                       "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}}},
                     "$defs": {"step": {"type": "integer"}}}
                    """);

    @Test
    void namesThePathOfEachFault() {
        assertThat(PolicySchema.broken(COOLDOWN)).isEmpty();
        assertThat(violations(COOLDOWN, "{\"cooldown_seconds\":3,\"steps\":[1]}")).isEmpty();
        assertThat(violations(COOLDOWN, "{\"cooldown_seconds\":-1,\"steps\":[1,\"x\"]}"))
                .containsExactly(
                        "$.cooldown_seconds: must have a minimum value of 0",
                        "$.steps[1]: string found, integer expected");
        assertThat(violations(COOLDOWN, "{}"))
                .containsExactly("$: required property 'cooldown_seconds' not found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "true"})
    void anEmptySchemaAllowsAll(String schema) {
        assertThat(PolicySchema.broken(Json.parse(schema))).isEmpty();
        assertThat(violations(Json.parse(schema), "[1,{\"a\":null}]")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | expected: a JSON object",
                "{\"type\":\"objekt\"} | $.type",
                "{\"minimum\":\"3\"} | $.minimum",
                "{\"$schema\":\"https://example.com/own\",\"type\":\"object\"} | schema: ",
                "{\"$ref\":\"https://example.com/other.json\"} | schema: ",
                "{\"$ref\":\"#/$defs/missing\"} | schema: ",
                "{\"properties\":{\"a\":{\"$ref\":\"file:///etc/passwd\"}}} | schema: "
            })
    void saysWhatIsWrongWithASchemaAndFetchesNothing(String schema, String said) {
        assertThat(PolicySchema.broken(Json.parse(schema))).get().asString().contains(said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://json-schema.org/draft-04/schema#",
                "http://json-schema.org/draft-07/schema#",
                "https://json-schema.org/draft/2020-12/schema"
            })
    void knowsTheDrafts(String draft) {
        Json schema = Json.parse("{\"$schema\":\"" + draft + "\",\"type\":\"object\"}");
        assertThat(PolicySchema.broken(schema)).isEmpty();
        assertThat(violations(schema, "3")).containsExactly("$: integer found, object expected");
    }

    @Test
    void endsOnASchemaThatRefersToItself() {
        Json schema = Json.parse("{\"$ref\":\"#\"}");
        assertThat(violations(schema, "3")).hasSizeLessThanOrEqualTo(1);
        Json list =
                Json.parse("{\"properties\":{\"next\":{\"$ref\":\"#\"},\"n\":{\"minimum\":1}}}");
        assertThat(PolicySchema.broken(list)).isEmpty();
        assertThat(violations(list, "{\"next\":{\"next\":{\"n\":0}}}")).hasSize(1);
    }

    @Test
    void tellsABoundedNumberOfFaults() {
        String values =
                IntStream.range(0, 500).mapToObj(_ -> "\"x\"").collect(Collectors.joining(","));
        assertThat(violations(Json.parse("{\"items\":{\"type\":\"number\"}}"), "[" + values + "]"))
                .hasSize(PolicySchema.MAX_VIOLATIONS);
    }

    private static List<String> violations(Json schema, String value) {
        return PolicySchema.violations(schema, Json.parse(value));
    }
}
