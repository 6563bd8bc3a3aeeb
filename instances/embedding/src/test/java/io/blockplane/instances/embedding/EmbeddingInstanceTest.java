package io.blockplane.instances.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.blockplane.instances.Result;
import io.blockplane.proto.aios.AIOSPacket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The real model, compared with what its authors publish. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddingInstanceTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final EmbeddingInstance instance;

    EmbeddingInstanceTest() throws Exception {
        instance = EmbeddingInstance.load();
    }

    @AfterAll
    void close() {
        instance.close();
    }

    /**
     * Cosine similarities that the Sentence Transformers documentation prints for this model (pages
     * Quickstart and Semantic Textual Similarity).
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    The weather is lovely today. | It's so sunny outside!      |  0.6660
                    The weather is lovely today. | He drove to the stadium.    |  0.1046
                    It's so sunny outside!       | He drove to the stadium.    |  0.1411
                    The new movie is awesome     | The dog plays in the garden |  0.0543
                    The new movie is awesome     | The new movie is so great   |  0.8939
                    The new movie is awesome     | A woman watches TV          | -0.0502
                    The cat sits outside         | The dog plays in the garden |  0.2838
                    The cat sits outside         | The new movie is so great   | -0.0029
                    The cat sits outside         | A woman watches TV          |  0.1310
                    A man is playing guitar      | The dog plays in the garden |  0.2277
                    A man is playing guitar      | The new movie is so great   | -0.0136
                    A man is playing guitar      | A woman watches TV          | -0.0327
                    """)
    void givesTheSimilaritiesThatTheModelsAuthorsPublish(String a, String b, double expected)
            throws Exception {
        List<double[]> vectors = vectors(embed(List.of(a, b)));

        assertThat(dot(vectors.get(0), vectors.get(1))).isCloseTo(expected, within(1e-4));
    }

    /** Counts of the model's WordPiece vocabulary, [CLS] and [SEP] included. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    hello world                                    | 4
                    Hello, World!                                  | 6
                    ''                                             | 2
                    embeddings                                     | 6
                    The quick brown fox jumps over the lazy dog    | 11
                    """)
    void countsTheTokensThatTheModelReads(String text, int tokens) throws Exception {
        Result.Output output = embed(List.of(text));

        assertThat(output.inputTokens()).isEqualTo(tokens);
        assertThat(output.outputTokens()).isZero();
        assertThat(JSON.readTree(output.data()).at("/usage/input_tokens").asInt())
                .isEqualTo(tokens);
    }

    @Test
    void givesOneVectorOfLengthOneForEachTextAndNamesTheModel() throws Exception {
        Result.Output output =
                embed(List.of("", "a", "zażółć gęślą jaźń", "数据", "x ".repeat(3000)));

        assertThat(vectors(output))
                .hasSize(5)
                .allSatisfy(v -> {
                    assertThat(v).hasSize(384);
                    assertThat(dot(v, v)).isCloseTo(1, within(1e-5));
                });
        assertThat(JSON.readTree(output.data()).get("model").asText())
                .isEqualTo("all-MiniLM-L6-v2");
    }

    @Test
    void givesATextTheSameVectorWhateverIsBesideIt() throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            texts.add("sentence number " + i + " is here".repeat(i));
        }
        List<double[]> together = vectors(embed(texts));
        for (int i = 0; i < texts.size(); i++) {
            assertThat(vectors(embed(List.of(texts.get(i)))).get(0)).isEqualTo(together.get(i));
        }
    }

    @Test
    void readsAllOfATextThatIsLongerThanTheModelsLimit() throws Exception {
        String filler = "the weather is fine today and so it was yesterday ".repeat(60);
        assertThat(embed(List.of(filler)).inputTokens())
                .as("600 tokens in two windows, each with its two special ones")
                .isEqualTo(604);

        List<double[]> vectors =
                vectors(
                        embed(
                                List.of(
                                        filler,
                                        filler
                                                + "a heart surgeon repairs a broken valve "
                                                        .repeat(120),
                                        "a heart surgeon repairs a broken valve")));
        assertThat(dot(vectors.get(1), vectors.get(2)))
                .as("what stands behind the limit counts")
                .isGreaterThan(dot(vectors.get(0), vectors.get(2)) + 0.2);
    }

    @Test
    void ordersByMeaning() throws Exception {
        List<double[]> v =
                vectors(
                        embed(
                                List.of(
                                        "How do I reset my password?",
                                        "I forgot my login credentials",
                                        "Bread needs yeast to rise")));

        assertThat(dot(v.get(0), v.get(1))).isGreaterThan(dot(v.get(0), v.get(2)) + 0.3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"texts":[]}                    | data.texts: [] (expected: a list of 1 to 256 strings, as in {"texts": ["hello"]})
                    {"texts":"hello"}               | data.texts: "hello" (expected: a list of 1 to 256 strings
                    {"texts":["a",7]}               | data.texts[1]: 7 (expected: a string)
                    {"texts":[null]}                | data.texts[0]: null (expected: a string)
                    {"text":["a"]}                  | data: {"text":["a"]} (expected: an object with texts:
                    ["a"]                           | data: ["a"] (expected: an object with texts:
                    hello                           | data: hello (expected: a JSON object; Unrecognized token
                    {"texts":["a"],"texts":["b"]}   | (expected: a JSON object; Duplicate field 'texts')
                    """)
    void refusesDataThatIsNoRequestAndSaysWhy(String data, String message) {
        assertThat(invalid(data).message()).contains(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void refusesEmptyData(String data) {
        assertThat(invalid(data).field()).isEqualTo("data");
    }

    @Test
    void refusesTooManyAndTooLongTexts() throws Exception {
        assertThat(invalid(request(Collections.nCopies(257, "a"))).message())
                .startsWith("data.texts: 257 strings (expected: a list of 1 to 256 strings");
        assertThat(invalid(request(List.of("ok", "a".repeat(100_001)))).message())
                .isEqualTo("data.texts[1]: 100001 characters (expected: at most 100000)");
        assertThat(embed(Collections.nCopies(256, "a")).inputTokens()).isEqualTo(256 * 3);
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void survivesAnyText(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(1, 2000);
        while (text.length() < length) {
            int codePoint = random.nextInt(0x110000);
            if (Character.getType(codePoint) != Character.SURROGATE) {
                text.appendCodePoint(random.nextBoolean() ? codePoint : codePoint % 128);
            }
        }
        double[] vector = vectors(embed(List.of(text.toString()))).get(0);

        assertThat(dot(vector, vector)).isCloseTo(1, within(1e-5));
    }

    private Result.Output embed(List<String> texts) throws Exception {
        return switch (instance.process(packet(request(texts)))) {
            case Result.Output output -> output;
            case Result.InvalidInput invalid -> throw new AssertionError(invalid.message());
        };
    }

    private Result.InvalidInput invalid(String data) {
        return switch (instance.process(packet(data))) {
            case Result.Output output -> throw new AssertionError(output.data());
            case Result.InvalidInput invalid -> invalid;
        };
    }

    private static AIOSPacket packet(String data) {
        return AIOSPacket.newBuilder().setSessionId("s").setData(data).build();
    }

    private static String request(List<String> texts) throws Exception {
        ArrayNode list = JSON.createArrayNode();
        texts.forEach(list::add);
        return JSON.writeValueAsString(JSON.createObjectNode().set("texts", list));
    }

    private static List<double[]> vectors(Result.Output output) throws Exception {
        List<double[]> vectors = new ArrayList<>();
        for (JsonNode vector : JSON.readTree(output.data()).get("embeddings")) {
            double[] numbers = new double[vector.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = vector.get(i).asDouble();
            }
            vectors.add(numbers);
        }
        return vectors;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
