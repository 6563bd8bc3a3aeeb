package io.blockplane.events.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DocumentTest {

    private static final String[] WORDS = {
        "", "a", "b c", "d\"e\\\n", "\u00e4\u6f22", "\ud83d\ude00", "1"
    };
    private static final double[] NUMBERS = {0, -0.0, 1.5, 1e300, 1e-300, 0.1};
    private static final long[] COUNTS = {0, -1, 7, Long.MAX_VALUE, Long.MIN_VALUE};

    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest(name = "seed={0}")
    @MethodSource("seeds")
    void isTheSameJsonToTheByteHoweverItIsTakenApart(long seed) {
        Json json = Json.of(tree(new SplittableRandom(seed), 0));

        assertThat(new Json(DocumentText.of(Document.of(json)))).isEqualTo(json);
        assertThat(Document.of(json).digest()).isEqualTo(Document.of(json).digest());
    }

    @Test
    void takesListsOfEqualThingsApartByColumn() {
        Document document =
                Document.of(
                        Json.parse(
                                "{\"of\":\"b\",\"rows\":[{\"id\":\"x\",\"n\":{\"v\":1.5}},"
                                        + "{\"id\":\"y\",\"n\":{\"v\":2.5}}]}"));

        assertThat(document).isInstanceOf(Document.Filled.class);
        Document.Filled filled = (Document.Filled) document;
        assertThat(filled.shape().pieces()).containsExactly("{\"of\":", ",\"rows\":", "}");
        Document.Listing list = (Document.Listing) filled.values().get(1);
        assertThat(list.tables()).hasSize(1);
        assertThat(list.tables().getFirst().columns())
                .containsExactly(Column.of(List.of("x", "y")), Column.of(List.of(1.5, 2.5)));
    }

    @Test
    void leavesWholeWhatHasNoPartsThatComeAgain() {
        for (String text :
                new String[] {
                    "[1,2]",
                    "\"text\"",
                    "{\"\u00e4\":1}",
                    "{\"n\":123456789012345678901234567890}",
                    "[".repeat(100) + "]".repeat(100)
                }) {
            assertThat(Document.of(Json.parse(text)))
                    .as(text)
                    .isEqualTo(new Document.Whole(Json.parse(text)));
        }
    }

    @Test
    void hasADigestThatEveryValueAndEveryNameCountsIn() {
        String text = "{\"a\":1,\"b\":[{\"x\":1.0},{\"x\":2.0}],\"c\":\"1\",\"d\":true}";
        String[] others = {
            text.replace("2.0", "2.5"),
            text.replace("\"a\":1", "\"a\":1.0"),
            text.replace("\"c\":\"1\"", "\"c\":\"2\""),
            text.replace("true", "false"),
            text.replace("x", "y"),
            text.replace(",{\"x\":2.0}", "")
        };
        String digest = Document.of(Json.parse(text)).digest();
        for (String other : others) {
            assertThat(Document.of(Json.parse(other)).digest()).as(other).isNotEqualTo(digest);
        }
    }

    @Test
    void comparesColumnsToTheBit() {
        Column numbers = Column.numbers(new double[] {1.5, 0.0});
        assertThat(numbers).isEqualTo(Column.numbers(new double[] {1.5, 0.0}));
        assertThat(numbers).isNotEqualTo(Column.numbers(new double[] {1.5, -0.0}));
        assertThat(Column.of(List.of(1L))).isNotEqualTo(Column.of(java.util.List.of(1.0)));
    }

    private static JsonNode tree(SplittableRandom random, int depth) {
        int kind = random.nextInt(depth == 0 ? 6 : depth > 4 ? 5 : 9);
        if (depth == 0 || kind >= 6) {
            return depth > 0 && kind == 6 ? list(random, depth) : object(random, depth);
        }
        return switch (kind) {
            case 0 ->
                    EventJson.MAPPER.getNodeFactory().textNode(WORDS[random.nextInt(WORDS.length)]);
            case 1 ->
                    EventJson.MAPPER
                            .getNodeFactory()
                            .numberNode(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 2 ->
                    EventJson.MAPPER
                            .getNodeFactory()
                            .numberNode(COUNTS[random.nextInt(COUNTS.length)]);
            case 3 -> EventJson.MAPPER.getNodeFactory().booleanNode(random.nextBoolean());
            case 4 -> EventJson.MAPPER.getNodeFactory().nullNode();
            default -> list(random, depth);
        };
    }

    private static ObjectNode object(SplittableRandom random, int depth) {
        ObjectNode object = EventJson.MAPPER.createObjectNode();
        int members = random.nextInt(12) == 0 ? 40 : random.nextInt(5);
        boolean same = random.nextBoolean();
        long seed = random.nextLong();
        IntStream.range(0, members)
                .forEach(i -> {
                    SplittableRandom next = same ? new SplittableRandom(seed) : random;
                    object.set(
                            (random.nextInt(40) == 0 ? "\u00fc" : "k") + i, tree(next, depth + 1));
                });
        return object;
    }

    private static ArrayNode list(SplittableRandom random, int depth) {
        ArrayNode list = EventJson.MAPPER.createArrayNode();
        int elements = random.nextInt(6);
        boolean same = random.nextInt(4) > 0;
        long seed = random.nextLong();
        for (int i = 0; i < elements; i++) {
            list.add(tree(same ? new SplittableRandom(seed) : random, depth + 1));
        }
        return list;
    }
}
