package io.blockplane.simulator.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.simulator.result.BacktestResult.Estimate;
import io.blockplane.simulator.result.BacktestResult.PolicyRun;
import io.blockplane.simulator.sample.SampleResults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResultFileTest {

    private static final BacktestResult SAMPLE = SampleResults.of(7);
    private static final String TEXT = ResultFile.encode(SAMPLE);
    private static final JsonNode SMALL = cut(tree());

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whatIsWrittenReadsTheSame(long seed, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("result.json");
        BacktestResult result = SampleResults.of(seed);
        ResultFile.write(file, result);
        assertThat(ResultFile.read(file)).isEqualTo(result);
        assertThat(ResultFile.encode(ResultFile.read(file))).isEqualTo(Files.readString(file));
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void absentCalibrationStaysAbsent() {
        BacktestResult result = SampleResults.with(SAMPLE, (BacktestResult.Calibration) null);
        assertThat(ResultFile.decode(ResultFile.encode(result))).isEqualTo(result);
    }

    /** Every field of every record: taken away, given a second name, and put as something else. */
    @Test
    void noFieldMayBeMissingUnknownOrOfAnotherType() {
        List<String> paths = objectFields(smallTree(), "");
        assertThat(paths).hasSizeGreaterThan(60);
        for (String path : paths) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            String place = dotted(path);

            JsonNode without = smallTree();
            parent(without, path).remove(name);
            refused(without, place, "missing");

            JsonNode more = smallTree();
            parent(more, path).put(name + "2", 1);
            refused(more, place + "2", "no such field");

            JsonNode other = smallTree();
            parent(other, path).put(name, true);
            refused(other, place, "true (expected: ");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/result/runs/1/timeline/waiting|[1, 2]|runs[1].timeline.waiting: 2 steps"
                        + " (expected: 360, as many as instances)",
                "/result/runs/0/timeline/sloMisses|[]|runs[0].timeline.sloMisses: 0 steps"
                        + " (expected: 360, as many as instances)",
                "/result/runs/0/timeline/instances/3|\"4\"|runs[0].timeline.instances[3]: \"4\""
                        + " (expected: a finite number)",
                "/result/runs/0/timeline/stepMs|0|runs[0].timeline.stepMs: 0 (expected: > 0)",
                "/result/runs/0/timeline/stepMs|1.5|runs[0].timeline.stepMs: 1.5 (expected: a whole"
                        + " number of 64 bits)",
                "/result/runs/2/role|\"BEST\"|runs[2].role: \"BEST\" (expected: one of INCUMBENT,"
                        + " CANDIDATE, BASELINE, ORACLE)",
                "/result/runs/2/role|\"INCUMBENT\"|runs[2].role: INCUMBENT (expected: one incumbent"
                        + " at the most)",
                "/result/runs/2/name|\"oracle\"|runs[7].name: oracle (expected: a name that no"
                        + " other run has)",
                "/result/runs/0/totalMs/p99|1e999|runs[0].totalMs.p99: ",
                "/result/runs/0/sloAttainment/high|1.2|runs[0].sloAttainment.high: 1.2 (expected: a"
                        + " share, 0 to 1)",
                "/result/runs/1/costDifference/low|1e9|runs[1].costDifference.low: 1.0E9 (expected:"
                        + " <= high",
                "/result/verdict/best|\"nobody\"|verdict.best: nobody (expected: one of the runs [",
                "/result/verdict/best|null|verdict.best: null (expected: the name of the candidate",
                "/result/source|null|source: null (expected: an object)",
                "/result/seeds/0|3000000000000000000000|seeds[0]: 3000000000000000000000 (expected:"
                        + " a whole number of 64 bits)",
                "/result/workload/requestsPerStep/5|-1|workload.requestsPerStep[5]: -1 (expected:"
                        + " >= 0)",
                "/version|2|version: 2 (expected: 1)",
                "/format|\"blockplane.export\"|format: \"blockplane.export\" (expected:"
                        + " \"blockplane.backtest-result\")",
            })
    void whatIsAtOddsIsNamed(String pointer, String value, String message) throws IOException {
        JsonNode tree = tree();
        int cut = pointer.lastIndexOf('/');
        JsonNode parent = tree.at(pointer.substring(0, cut));
        JsonNode wrong = EventJson.MAPPER.readTree(value);
        if (parent instanceof ArrayNode array) {
            array.set(Integer.parseInt(pointer.substring(cut + 1)), wrong);
        } else {
            ((ObjectNode) parent).set(pointer.substring(cut + 1), wrong);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResultFile.decode(tree.toString()))
                .withMessageContaining(message);
    }

    @Test
    void numbersThatAreNoneAreNotWritten(@TempDir Path folder) {
        Path file = folder.resolve("result.json");
        BacktestResult result =
                SampleResults.withDifferences(
                        SAMPLE,
                        "token-autoscaler 1.3.0-rc1",
                        new Estimate(Double.NaN, 0, 1),
                        new Estimate(0, 0, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResultFile.write(file, result))
                .withMessageContaining(
                        "runs[1].costDifference.mean: \"NaN\" (expected: a finite number)");
        assertThat(file).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{} {}", "{\"format\":1,\"format\":1}", "🐘"})
    void whatIsNoSuchFileIsRefusedWithItsName(String text, @TempDir Path folder)
            throws IOException {
        Path file = folder.resolve("other.json");
        Files.writeString(file, text);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResultFile.read(file))
                .withMessageStartingWith(file + ": ");
    }

    @Test
    void samplesAreEqualForEqualSeedsAndPlausible() {
        assertThat(SampleResults.of(3)).isEqualTo(SampleResults.of(3));
        assertThat(SampleResults.of(3)).isNotEqualTo(SampleResults.of(4));
        for (PolicyRun run : SAMPLE.runs()) {
            assertThat(run.sloAttainment().mean()).isBetween(0.3, 1.0);
            assertThat(run.shareOfOracleSaving()).isBetween(-0.5, 1.4);
        }
    }

    private static void refused(JsonNode tree, String path, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ResultFile.decode(tree.toString()))
                .withMessageStartingWith(path + ": ")
                .withMessageContaining(why);
    }

    private static JsonNode tree() {
        return Json.parse(TEXT).node();
    }

    /** Lists cut to two elements, for what is done hundreds of times. */
    private static JsonNode smallTree() {
        return SMALL.deepCopy();
    }

    private static JsonNode cut(JsonNode node) {
        if (node instanceof ArrayNode array) {
            while (array.size() > 2) {
                array.remove(2);
            }
        }
        node.forEach(ResultFileTest::cut);
        return node;
    }

    private static ObjectNode parent(JsonNode tree, String pointer) {
        return (ObjectNode) tree.at(pointer.substring(0, pointer.lastIndexOf('/')));
    }

    /**
     * Pointers to the fields of objects under {@code /result}, of arrays only the second element.
     */
    private static List<String> objectFields(JsonNode node, String pointer) {
        if (node instanceof ArrayNode array) {
            int index = Math.min(1, array.size() - 1);
            return objectFields(array.get(index), pointer + "/" + index);
        }
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(node.properties().iterator(), 0), false)
                .flatMap(field -> {
                    String here = pointer + "/" + field.getKey();
                    List<String> below = objectFields(field.getValue(), here);
                    return Stream.concat(Stream.of(here), below.stream());
                })
                .filter(here -> here.startsWith("/result/"))
                .toList();
    }

    private static String dotted(String pointer) {
        return pointer.substring(1).replaceAll("/(\\d+)", "[$1]").replace('/', '.');
    }
}
