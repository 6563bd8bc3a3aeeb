package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.document.Document;
import io.blockplane.policy.format.PolicyArchive;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Documents made inside of their parts are the ones that {@code json.loads} makes of their text.
 */
@ExtendWith(SharedEngine.class)
class GuestDocumentsTest {

    /**
     * Its parameters are the input: it tells how what it got differs from what the text says, and
     * spoils all of it, to see whether the next one is a new one.
     */
    private static final String COMPARES =
            """
            import copy
            import json

            def differs(mine, said, place):
                if type(mine) is not type(said):
                    return f"{place}: {type(mine)} and not {type(said)}"
                if type(mine) is dict:
                    if list(mine) != list(said):
                        return f"{place}: {list(mine)} and not {list(said)}"
                    found = [differs(mine[k], said[k], place + "." + k) for k in said]
                elif type(mine) is list:
                    if len(mine) != len(said):
                        return f"{place}: {len(mine)} and not {len(said)}"
                    found = [differs(m, s, place + "[]") for m, s in zip(mine, said)]
                else:
                    same = mine is said if mine is None else repr(mine) == repr(said)
                    return "" if same else f"{place}: {mine!r} and not {said!r}"
                return next(filter(None, found), "")

            def spoil(value):
                if type(value) is dict:
                    for key in list(value):
                        spoil(value[key])
                        value[key] = "spoilt"
                    value["more"] = 1
                elif type(value) is list:
                    for element in value:
                        spoil(element)
                    value.append("spoilt")

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.kept = None

                def eval(self, parameters, input_data, context):
                    said = json.loads(input_data["text"])
                    found = differs(input_data["value"], said, "input")
                    for _ in range(2):
                        metrics = self.get_metrics()
                        found = found or differs(metrics, said, "metrics")
                        found = found or differs(copy.deepcopy(metrics), said, "copy")
                        found = found or differs(json.loads(json.dumps(metrics)), said, "dumps")
                        spoil(metrics)
                    spoil(input_data["value"])
                    return {"found": found}

                def management(self, action, data):
                    return {}
            """;

    @Test
    void areWhatTheirTextSaysAndNewAtEachCall(PolicyEngine engine) {
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        "block-a",
                        Kind.FAILURE,
                        null,
                        "test:1-stable",
                        PolicyArchive.ofFunction(COMPARES),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT);
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 24; i++) {
                Json value = document(random, i % 4, i % 3 == 0 ? 40 : 3);
                ObjectNode input = EventJson.MAPPER.createObjectNode();
                input.put("text", value.text()).set("value", value.node());
                PolicyDecided decided =
                        line.eval(Policies.NOON + i, Json.of(input), () -> new Metrics("w", value))
                                .getLast();
                assertThat(decided.call()).isEqualTo(Call.EVAL);
                assertThat(decided.outcome()).as(decided.error()).isEqualTo(Outcome.RETURNED);
                assertThat(decided.output()).isEqualTo(Json.parse("{\"found\":\"\"}"));
            }
        }
    }

    /** Shapes that come again with other values, and some that don't. */
    private static Json document(SplittableRandom random, int shape, int rows) {
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.put("name", "d\u00e4\ud83d\ude00" + random.nextInt(5)).putNull("none");
        document.put("yes", random.nextBoolean()).put("count", random.nextLong());
        ArrayNode list = document.putArray("rows");
        ObjectNode map = document.putObject("map");
        ArrayNode plain = document.putArray("plain");
        for (int i = 0; i < rows; i++) {
            ObjectNode row = shape == 1 ? map.putObject("id-" + i) : list.addObject();
            row.put("id", "in-" + i).put("n", random.nextInt(3)).put("x", random.nextDouble());
            row.putObject("true").put("v", random.nextInt(2) / 2.0).putArray("empty");
            row.put("flag", random.nextBoolean()).putNull("nothing");
            if (shape == 2 && i > rows / 2) {
                row.put("more", "at the end");
            }
            plain.add(shape == 3 ? "in-" + i : Integer.toString(random.nextInt(3)));
        }
        if (shape == 3) {
            document.put("k" + random.nextInt(), 1).put("\u00fc", new BigInteger("9".repeat(30)));
        }
        return Json.of(document);
    }

    @Test
    void stayTextWhenTheShapesDontComeAgain(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            for (int i = 0; i < GuestDocuments.MAX_SHAPES + 8; i++) {
                Json metrics = Json.parse("{\"key%d\":[{\"a\":1},{\"a\":2}]}".formatted(i));
                PolicyDecided decided =
                        line.eval(
                                        Policies.NOON + i,
                                        Policies.code("tell(get_metrics() == get_metrics())"),
                                        () -> new Metrics("w", metrics))
                                .getLast();
                assertThat(decided.action().reason()).isEqualTo("True");
            }
        }
    }

    @Test
    void ofAWindowAreReadAgainInTheFormThatIsRecorded(PolicyEngine engine) {
        Json document = Json.parse("{\"block_metrics\":[{\"x\":1.5}]}");
        PolicyAssignment assignment = Policies.assignment(engine, Policies.OBEDIENT);
        for (Metrics metrics :
                List.of(new Metrics("w", document), new Metrics("w", Document.of(document)))) {
            try (RecordedPolicy policy =
                            new RecordedPolicy(
                                    engine, assignment, ChainPosition.START, Policies.LIMITS);
                    RecordedPolicy again =
                            new RecordedPolicy(
                                    engine, assignment, ChainPosition.START, Policies.LIMITS)) {
                List<PolicyDecided> decisions =
                        List.of(
                                policy.init(Policies.NOON, MetricsSource.NONE),
                                policy.eval(
                                        Policies.NOON,
                                        Policies.code("tell(get_metrics())"),
                                        () -> metrics));
                assertThat(decisions.getLast().effects()).contains(metrics.read());
                assertThat(again.rebuild(decisions, _ -> Document.of(document)))
                        .isEqualTo(new Rebuilt.Same(2));
            }
        }
    }
}
