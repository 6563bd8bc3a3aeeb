package io.blockplane.policy.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.PathType;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.SpecVersionDetector;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.resource.DisallowSchemaLoader;
import io.blockplane.events.Json;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The JSON Schemas of a registry entry: draft 4 to 2020-12, the newest where {@code $schema} says
 * nothing. An empty schema allows everything. Nothing is ever fetched: a {@code $ref} to another
 * document is a fault of the schema.
 */
public final class PolicySchema {

    /** Most faults that are told of one value. */
    public static final int MAX_VIOLATIONS = 20;

    /** Longest text of one fault, characters. */
    private static final int MAX_TEXT_CHARS = 300;

    /** Largest schema, characters. */
    private static final int MAX_SCHEMA_CHARS = 256 * 1024;

    private static final VersionFlag NEWEST = VersionFlag.V202012;

    private PolicySchema() {}

    /** What is wrong with a schema, for people; empty when values can be checked against it. */
    public static Optional<String> broken(Json schema) {
        if (schema.text().length() > MAX_SCHEMA_CHARS) {
            return Optional.of(
                    "schema: %d characters (expected: at most %d)"
                            .formatted(schema.text().length(), MAX_SCHEMA_CHARS));
        }
        JsonNode node = schema.node();
        if (!node.isObject() && !node.isBoolean()) {
            return Optional.of("schema: " + cut(schema.text()) + " (expected: a JSON object)");
        }
        try {
            VersionFlag version = version(node);
            JsonSchema ofSchemas =
                    JsonSchemaFactory.getInstance(version)
                            .getSchema(SchemaLocation.of(version.getId()), config());
            List<String> faults = texts(ofSchemas.validate(node));
            if (!faults.isEmpty()) {
                return Optional.of(faults.getFirst());
            }
            compiled(node).initializeValidators();
            return Optional.empty();
        } catch (JsonSchemaException e) {
            return Optional.of("schema: " + cut(oneLine(e)));
        } catch (StackOverflowError _) {
            return Optional.of("schema: refers to itself without end");
        }
    }

    /**
     * Where a value is not what the schema says, as {@code $.cooldown_seconds: must have a minimum
     * value of 0}: in a fixed order, at most {@link #MAX_VIOLATIONS}. Empty when it is.
     *
     * @param schema not {@link #broken}; of one that is, a fault is told that says so
     */
    public static List<String> violations(Json schema, Json value) {
        if (allowsAll(schema)) {
            return List.of();
        }
        try {
            return texts(compiled(schema.node()).validate(value.node()));
        } catch (JsonSchemaException e) {
            return List.of("$: the schema can't be applied: " + cut(oneLine(e)));
        } catch (StackOverflowError _) {
            return List.of("$: the schema refers to itself without end");
        }
    }

    /** Whether a schema says nothing. */
    public static boolean allowsAll(Json schema) {
        return schema.text().equals("{}") || schema.text().equals("true");
    }

    private static JsonSchema compiled(JsonNode schema) {
        JsonSchemaFactory nothingFetched =
                JsonSchemaFactory.getInstance(
                        version(schema),
                        factory ->
                                factory.schemaLoaders(loaders ->
                                        loaders.add(DisallowSchemaLoader.getInstance())));
        return nothingFetched.getSchema(schema, config());
    }

    private static VersionFlag version(JsonNode schema) {
        return SpecVersionDetector.detectOptionalVersion(schema, false).orElse(NEWEST);
    }

    /** Texts that are the same on every machine. */
    private static SchemaValidatorsConfig config() {
        return SchemaValidatorsConfig.builder()
                .locale(Locale.ENGLISH)
                .pathType(PathType.LEGACY)
                .build();
    }

    private static List<String> texts(Set<ValidationMessage> messages) {
        return messages.stream()
                .map(message -> cut(message.getMessage()))
                .sorted()
                .limit(MAX_VIOLATIONS)
                .toList();
    }

    private static String oneLine(JsonSchemaException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }

    private static String cut(String text) {
        return text.length() > MAX_TEXT_CHARS ? text.substring(0, MAX_TEXT_CHARS) + "..." : text;
    }
}
