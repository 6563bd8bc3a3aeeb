package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoscalerContractTest {

    @Test
    void givesAPolicyWhatTheContractNames() {
        assertThat(
                        AutoscalerContract.input(
                                        Json.parse("{\"id\":\"b\"}"),
                                        Json.parse("{\"c\":1}"),
                                        List.of("in-1", "in-2"))
                                .text())
                .isEqualTo(
                        "{\"block_data\":{\"id\":\"b\"},\"cluster_data\":{\"c\":1},"
                                + "\"current_instances\":[\"in-1\",\"in-2\"]}");
    }

    @Test
    void readsTheThreeAnswers() {
        assertThat(action("{'skip': true, 'reason': 'quiet'}"))
                .isEqualTo(ScaleAction.none("quiet"));
        assertThat(action("{'skip': false, 'operation': 'upscale', 'instances_count': 2}"))
                .isEqualTo(new ScaleAction(Operation.UPSCALE, 2, List.of(), null));
        assertThat(
                        action(
                                "{'skip': false, 'operation': 'downscale',"
                                        + " 'instances_list': ['a', 'b'], 'reason': 'idle'}"))
                .isEqualTo(new ScaleAction(Operation.DOWNSCALE, 2, List.of("a", "b"), "idle"));
    }

    @Test
    void doesNothingWhereAPolicyAsksForNothing() {
        var none = meaning("{'skip': false, 'operation': 'upscale', 'instances_count': 0}");
        assertThat(none.action().operation()).isEqualTo(Operation.NONE);
        assertThat(none.unusable()).isNull();
        assertThat(none.notes()).singleElement().asString().startsWith("instances_count: 0");
        assertThat(
                        meaning("{'skip': false, 'operation': 'downscale', 'instances_list': []}")
                                .notes())
                .singleElement()
                .asString()
                .startsWith("instances_list: []");
    }

    @Test
    void saysThatAllocationIsLeftOut() {
        var meaning =
                meaning(
                        "{'skip': false, 'operation': 'upscale', 'instances_count': 1,"
                                + " 'allocation_data': [{'node_id': 'n'}]}");
        assertThat(meaning.action().count()).isEqualTo(1);
        assertThat(meaning.notes()).singleElement().asString().startsWith("allocation_data:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[] | output: [] (expected: an object with skip)",
                "{} | skip: missing (expected: true or false)",
                "{'skip': 0} | skip: 0 (expected: true or false)",
                "{'skip': false} | operation: missing (expected: upscale or downscale)",
                "{'skip': false, 'operation': 'scale'} | operation: \"scale\" (expected: upscale or"
                        + " downscale)",
                "{'skip': false, 'operation': 'upscale'} | instances_count: missing (expected: a"
                        + " whole number, at least 1)",
                "{'skip': false, 'operation': 'upscale', 'instances_count': 1.5} | instances_count:"
                        + " 1.5 (expected: a whole number, at least 1)",
                "{'skip': false, 'operation': 'upscale', 'instances_count': true} |"
                        + " instances_count: true (expected: a whole number, at least 1)",
                "{'skip': false, 'operation': 'upscale', 'instances_count': -1} | instances_count:"
                        + " -1 (expected: a whole number, at least 1)",
                "{'skip': false, 'operation': 'upscale', 'instances_count': 99999999999} |"
                        + " instances_count: 99999999999 (expected: a whole number, at least 1)",
                "{'skip': false, 'operation': 'downscale'} | instances_list: missing (expected: a"
                        + " list of instance ids)",
                "{'skip': false, 'operation': 'downscale', 'instances_list': 'a'} | instances_list:"
                        + " \"a\" (expected: a list of instance ids)",
                "{'skip': false, 'operation': 'downscale', 'instances_list': ['a', '']} |"
                        + " instances_list[1]: \"\" (expected: an instance id, not empty)",
                "{'skip': false, 'operation': 'downscale', 'instances_list': [7]} |"
                        + " instances_list[0]: 7 (expected: an instance id, not empty)"
            })
    void namesFieldValueAndWhatWasExpected(String answer, String unusable) {
        var meaning = meaning(answer);
        assertThat(meaning.unusable()).isEqualTo(unusable);
        assertThat(meaning.action()).isEqualTo(ScaleAction.none(null));
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3})
    void hasAMeaningForEveryJson(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 5_000; i++) {
            var meaning = AutoscalerContract.meaning(Json.parse(anything(random, 3)));
            ScaleAction action = meaning.action();
            switch (action.operation()) {
                case NONE -> {
                    assertThat(action.count()).isZero();
                    assertThat(action.instanceIds()).isEmpty();
                }
                case UPSCALE -> {
                    assertThat(action.count()).isPositive();
                    assertThat(meaning.unusable()).isNull();
                }
                case DOWNSCALE -> {
                    assertThat(action.instanceIds()).hasSize(action.count()).isNotEmpty();
                    assertThat(meaning.unusable()).isNull();
                }
            }
        }
    }

    private static String anything(SplittableRandom random, int depth) {
        String[] atoms = {"true", "false", "null", "0", "1", "-3", "2.5", "\"a\"", "\"\"", "[]"};
        return switch (depth == 0 ? 0 : random.nextInt(3)) {
            case 1 -> "[" + anything(random, depth - 1) + "," + anything(random, depth - 1) + "]";
            case 2 ->
                    "{\"skip\":%s,\"operation\":%s,\"instances_count\":%s,\"instances_list\":%s}"
                            .formatted(
                                    random.nextInt(3) > 0 ? "false" : anything(random, 0),
                                    List.of("\"upscale\"", "\"downscale\"", anything(random, 0))
                                            .get(random.nextInt(3)),
                                    anything(random, depth - 1),
                                    anything(random, depth - 1));
            default -> atoms[random.nextInt(atoms.length)];
        };
    }

    private static ScaleAction action(String answer) {
        return meaning(answer).action();
    }

    private static AutoscalerContract.Meaning meaning(String answer) {
        return AutoscalerContract.meaning(Json.parse(answer.replace('\'', '"')));
    }
}
