package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.Json;
import io.blockplane.policy.format.PolicySchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON Schemas of a registry entry, enforced. */
final class SchemaRules {

    static final String INPUT = "policy_input_schema";
    static final String OUTPUT = "policy_output_schema";
    static final String PARAMETERS = "policy_parameters_schema";
    static final String SETTINGS = "policy_settings_schema";

    private SchemaRules() {}

    /** Refuses a schema that is none. */
    static void requireSchema(Fields entry, String field) {
        JsonNode node = entry.any(field);
        PolicySchema.broken(schema(node))
                .ifPresent(broken -> {
                    throw problem(entry.path(field), node, "a JSON Schema", broken).refused();
                });
    }

    /**
     * Refuses values that are not what a schema says; the field is the path of the first fault.
     *
     * @param path of the values
     * @param schemaField which schema of the entry
     */
    static void require(Json entry, String schemaField, String path, Json values) {
        JsonNode node = entry.object().path(schemaField);
        List<String> violations = PolicySchema.violations(schema(node), values);
        if (violations.isEmpty()) {
            return;
        }
        // A fault reads "$.path: what is wrong".
        String first = violations.getFirst();
        int colon = first.indexOf(": ");
        boolean located = first.startsWith("$") && colon > 0;
        String inside = located ? first.substring(1, colon) : "";
        String wrong = located ? first.substring(colon + 2) : first;
        JsonNode value =
                inside.isEmpty()
                        ? values.node()
                        : values.node().at(inside.replaceAll("\\.|\\[", "/").replace("]", ""));
        throw problem(
                        path + inside,
                        value.isMissingNode() ? null : value,
                        "what " + schemaField + " says",
                        wrong)
                .refused();
    }

    private static Json schema(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? Json.EMPTY_OBJECT : Json.of(node);
    }

    private static Problem problem(
            String field, @Nullable JsonNode value, String expected, String wrong) {
        return new Problem(
                400,
                "INVALID",
                field,
                value,
                expected,
                field + ": " + wrong + " (expected: " + expected + ")");
    }
}
