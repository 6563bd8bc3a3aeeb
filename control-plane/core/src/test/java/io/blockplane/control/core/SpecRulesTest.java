package io.blockplane.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecRulesTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "a, builtin:x, 0, 1, -",
                "a-1, builtin:x, 1000, 1000, -",
                "A, builtin:x, 1, 1, blockId",
                "a., builtin:x, 1, 1, blockId",
                "-a, builtin:x, 1, 1, blockId",
                "a-, builtin:x, 1, 1, blockId",
                "a, :x, 1, 1, componentUri",
                "a, with space, 1, 1, componentUri",
                "a, builtin:x, -1, 1, minInstances",
                "a, builtin:x, 1001, 1001, minInstances",
                "a, builtin:x, 0, 0, maxInstances",
                "a, builtin:x, 2, 1, maxInstances",
                "a, builtin:x, 1, 1001, maxInstances"
            })
    void namesTheFirstFieldThatBreaksARule(
            String blockId,
            String componentUri,
            int min,
            int max,
            @org.jspecify.annotations.Nullable String field) {
        assertThat(
                        SpecRules.broken(spec(blockId, componentUri, min, max, new TreeMap<>()))
                                .map(Rejection.Invalid::field)
                                .orElse(null))
                .isEqualTo(field);
    }

    @Test
    void refusesAnIdThatIsTooLong() {
        assertThat(broken(spec("a".repeat(64), "x", 1, 1, new TreeMap<>())))
                .isEqualTo(
                        "blockId: "
                                + "a".repeat(64)
                                + " (expected: 1 to 63 of [a-z0-9-], beginning and ending with"
                                + " [a-z0-9])");
        assertThat(broken(spec("a".repeat(63), "x", 1, 1, new TreeMap<>()))).isEmpty();
        assertThat(broken(spec("", "x", 1, 1, new TreeMap<>()))).startsWith("blockId: ");
    }

    @ParameterizedTest
    @CsvSource({
        "2nd, p:1-a, {}, {}, policies.2nd",
        "autoscaler, '', {}, {}, policies.autoscaler.policyUri",
        "autoscaler, p:1-a, [], {}, policies.autoscaler.parameters",
        "autoscaler, p:1-a, {}, null, policies.autoscaler.settings"
    })
    void namesThePolicyThatBreaksARule(
            String name, String uri, String parameters, String settings, String field) {
        TreeMap<String, PolicyBinding> policies = new TreeMap<>();
        policies.put(name, new PolicyBinding(uri, Json.parse(parameters), Json.parse(settings)));
        assertThat(broken(spec("a", "x", 1, 1, policies))).startsWith(field + ": ");
    }

    @Test
    void refusesMorePoliciesThanTheLimit() {
        TreeMap<String, PolicyBinding> policies = new TreeMap<>();
        for (int i = 0; i <= SpecRules.POLICIES; i++) {
            policies.put("p" + i, new PolicyBinding("p:1-a", Json.EMPTY_OBJECT, Json.EMPTY_OBJECT));
        }
        assertThat(broken(spec("a", "x", 1, 1, policies)))
                .isEqualTo("policies: 33 policies (expected: at most 32)");
    }

    @Test
    void refusesInitDataThatIsNoObject() {
        BlockSpec spec =
                new BlockSpec(
                        "a",
                        "x",
                        1,
                        1,
                        Json.EMPTY_OBJECT,
                        Json.parse("3"),
                        Json.EMPTY_OBJECT,
                        new TreeMap<>());
        assertThat(broken(spec)).isEqualTo("initSettings: 3 (expected: a JSON object)");
    }

    private static String broken(BlockSpec spec) {
        return SpecRules.broken(spec).map(Rejection.Invalid::message).orElse("");
    }

    private static BlockSpec spec(
            String blockId,
            String componentUri,
            int min,
            int max,
            SortedMap<String, PolicyBinding> policies) {
        return new BlockSpec(
                blockId,
                componentUri,
                min,
                max,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                policies);
    }
}
