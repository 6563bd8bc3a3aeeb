package io.blockplane.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The checked-in JSON Schemas are those of the records, and the page about events knows all types.
 * After a wanted change: {@code mvn -pl events-schema/schema test -Dtest=SchemasTest
 * -Dschemas.write=true}, and look at the diff: an old log must stay readable.
 */
class SchemasTest {

    private static final Path SCHEMAS = Path.of("..", "schemas");
    private static final Path PAGE = Path.of("..", "..", "docs", "events.md");
    private static final SchemaGenerator GENERATOR = generator();

    static Stream<EventType<?>> types() {
        return EventType.ALL.stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("types")
    void everyTypeHasTheSchemaOfItsRecord(EventType<?> type) throws IOException {
        ObjectNode schema = GENERATOR.generateSchema(type.record());
        schema.put("$id", "urn:blockplane:schema:" + type.name());
        schema.put("title", type.name());
        String text =
                EventJson.MAPPER
                                .writer()
                                .with(SerializationFeature.INDENT_OUTPUT)
                                .writeValueAsString((JsonNode) schema)
                        + "\n";
        Path file = SCHEMAS.resolve(type.name() + ".schema.json");
        if (Boolean.getBoolean("schemas.write")) {
            Files.createDirectories(SCHEMAS);
            Files.writeString(file, text);
        }
        assertThat(file).hasContent(text);
    }

    @Test
    void noSchemaIsLeftOverFromATypeThatIsGone() throws IOException {
        try (Stream<Path> files = Files.list(SCHEMAS)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            EventType.ALL.stream().map(t -> t.name() + ".schema.json").toList());
        }
    }

    @Test
    void thePageAboutEventsExplainsEveryTopicAndTypeAndLinksItsSchema() throws IOException {
        String page = Files.readString(PAGE);
        for (Topic topic : Topic.values()) {
            assertThat(page).contains("`" + topic.topicName() + "`");
        }
        for (EventType<?> type : EventType.ALL) {
            assertThat(page)
                    .contains(
                            "[`%s`](../events-schema/schemas/%s.schema.json)"
                                    .formatted(type.name(), type.name()));
        }
    }

    private static SchemaGenerator generator() {
        SchemaGeneratorConfigBuilder builder =
                new SchemaGeneratorConfigBuilder(
                                EventJson.MAPPER,
                                SchemaVersion.DRAFT_2020_12,
                                OptionPreset.PLAIN_JSON)
                        .with(new JacksonModule(JacksonOption.RESPECT_JSONPROPERTY_ORDER))
                        .with(Option.DEFINITIONS_FOR_ALL_OBJECTS)
                        .with(Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES);
        builder.forTypesInGeneral()
                .withCustomDefinitionProvider((type, context) ->
                        type.getErasedType() == Json.class
                                ? new CustomDefinition(
                                        context.getGeneratorConfig().createObjectNode(),
                                        CustomDefinition.DefinitionType.INLINE,
                                        CustomDefinition.AttributeInclusion.NO)
                                : null);
        builder.forFields()
                .withRequiredCheck(field ->
                        !field.getRawMember()
                                .getAnnotatedType()
                                .isAnnotationPresent(Nullable.class));
        return new SchemaGenerator(builder.build());
    }
}
