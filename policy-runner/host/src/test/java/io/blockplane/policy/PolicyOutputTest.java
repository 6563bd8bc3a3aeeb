package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedEngine.class)
class PolicyOutputTest {

    @Test
    void takesEverythingThatIsJsonAsItIs(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            PolicyDecided decision =
                    Policies.run(
                            line,
                            """
                            import collections, enum
                            class Level(enum.IntEnum):
                                HIGH = 3
                            Pair = collections.namedtuple("Pair", "a b")
                            answer({"skip": True, "z": [1, -2, 2**70, True, False, None],
                                    "f": [0.1, 1e16, -0.0, 1e-7, 5e-324, 1.7976931348623157e308],
                                    "t": (1, [], {}, ()), "s": "\\u00e9\\n\\"\\U0001F600\\u2028\\x00",
                                    "o": collections.OrderedDict(b=1, a=2), "e": Level.HIGH,
                                    "n": Pair(1, 2), "": 0})
                            """);
            assertThat(decision.error()).isNull();
            Json output = Json.parse(Objects.requireNonNull(decision.output()).text());
            assertThat(output).isEqualTo(decision.output());
            assertThat(output)
                    .isEqualTo(
                            Json.parse(
                                    "{\"skip\":true,\"z\":[1,-2,1180591620717411303424,true,false,null],"
                                        + "\"f\":[0.1,1.0E16,-0.0,1.0E-7,4.9E-324,1.7976931348623157E308],"
                                        + "\"t\":[1,[],{},[]],"
                                        + "\"s\":\"\u00e9\\n\\\"\\uD83D\\uDE00\\u2028\\u0000\","
                                        + "\"o\":{\"b\":1,\"a\":2},\"e\":3,\"n\":[1,2],\"\":0}"));
            assertThat(EventJson.decode(PolicyDecided.class, EventJson.encode(decision)))
                    .isEqualTo(decision);
        }
    }

    @Test
    void namesThePathOfWhatIsNotJson(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            unusable(line, "answer(None)", "output: None (expected: a dict with skip)");
            unusable(
                    line,
                    "answer({'a': {'b c': [1, float('nan')]}})",
                    "output.a[\"b c\"][1]: nan (expected: a finite number)");
            unusable(
                    line, "answer([-float('inf')])", "output[0]: -inf (expected: a finite number)");
            unusable(
                    line,
                    "answer({'x': {1, 2}})",
                    "output.x: a set (expected: dict, list, tuple, str, int, float, bool or None)");
            unusable(
                    line,
                    "answer(self)",
                    "output: a AIOSv1PolicyRule (expected: dict, list, tuple, str, int, float,"
                            + " bool or None)");
            unusable(
                    line,
                    "answer({'b': b'bytes'})",
                    "output.b: a bytes (expected: dict, list, tuple, str, int, float, bool or"
                            + " None)");
            unusable(
                    line,
                    "answer({'k': {7: 1}})",
                    "output.k: a key that is a int (expected: str keys)");
            unusable(
                    line,
                    "a = {}; a['me'] = [a]; answer(a)",
                    "output.me[0]: a container that contains itself");
            unusable(
                    line,
                    "a = []\nfor _ in range(200): a = [a]\nanswer(a)",
                    "output" + "[0]".repeat(100) + ": more than 100 containers inside each other");
            unusable(
                    line,
                    "answer({'s': 'half \\ud800'})",
                    "output.s: text with half a surrogate pair (expected: Unicode)");
            unusable(line, "answer([2**1024])", "output[0]: an int of more than 1024 bits");
            unusable(line, "answer(['x' * 70_000])", "output: more than 65536 characters of JSON");
            unusable(
                    line,
                    "answer(['x' * 100] * 10**6)",
                    "output: more than 65536 characters of JSON");
            unusable(line, "answer('text')", "output: \"text\" (expected: an object with skip)");
            unusable(
                    line,
                    """
                    class Odd(str):
                        __hash__ = object.__hash__
                        def __eq__(self, other): return self is other
                    answer({Odd("a"): 1, Odd("a"): 2})
                    """,
                    null);
        }
    }

    private static void unusable(PolicyLine line, String code, @Nullable String error) {
        PolicyDecided decision = Policies.run(line, code);
        assertThat(decision.outcome()).as("%s", decision).isEqualTo(Outcome.UNUSABLE);
        if (error != null) {
            assertThat(decision.error()).isEqualTo(error);
        }
        assertThat(decision.fallbacks()).containsExactly("no action: " + decision.error());
        assertThat(decision.action()).isEqualTo(PolicyDecided.ScaleAction.none(null));
        assertThat(decision.incarnation()).as("the policy goes on").isEqualTo(1);
    }
}
