package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.policy.format.PolicyArchive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedEngine.class)
class RecordedPolicyTest {

    private static final Metrics METRICS =
            new Metrics("win-block-a-1", Json.parse("{\"block_metrics\":[{\"x\":1.5}]}"));

    @Test
    void recordsACallWhole(PolicyEngine engine) {
        String source =
                """
                import sys
                print("loading", __name__)

                class AIOSv1PolicyRule:
                    def __init__(self, rule_id, settings, parameters):
                        print("init", repr(rule_id), sorted(settings), parameters)
                        self.settings = settings

                    def eval(self, parameters, input_data, context):
                        print("metrics follow", context)
                        metrics = self.settings["get_metrics"]()
                        print("seen", metrics["block_metrics"][0]["x"], file=sys.stderr)
                        return {"skip": False, "operation": "upscale", "instances_count": 2,
                                "reason": "because"}

                    def management(self, action, data):
                        return {"did": [action, data["k"]]}
                """;
        PolicyAssignment assignment = Policies.assignment(engine, source);
        try (RecordedPolicy policy =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS)) {
            PolicyDecided init = policy.init(Policies.NOON, MetricsSource.NONE);
            PolicyDecided eval =
                    policy.eval(Policies.NOON + 1, Policies.instances("in-1"), () -> METRICS);
            PolicyDecided manage =
                    policy.manage(
                            Policies.NOON + 2, "act", Json.parse("{\"k\":7}"), MetricsSource.NONE);

            assertThat(init.call()).isEqualTo(Call.INIT);
            assertThat(init.outcome()).as("%s", init).isEqualTo(Outcome.RETURNED);
            assertThat(Policies.printed(init))
                    .containsExactly(
                            "stdout: loading function",
                            "stdout: init '' ['get_metrics', 's'] {'p': 1}");
            assertThat(eval)
                    .isEqualTo(
                            new PolicyDecided(
                                    "block-a",
                                    PolicyDecided.Kind.SCALE,
                                    null,
                                    Call.EVAL,
                                    1,
                                    1,
                                    Policies.NOON + 1,
                                    assignment.version(),
                                    Json.parse("{\"p\":1}"),
                                    Json.parse("{\"s\":[1]}"),
                                    Policies.instances("in-1"),
                                    List.of(
                                            new Printed("stdout", "metrics follow None"),
                                            new MetricsRead(
                                                    "win-block-a-1",
                                                    DecisionChain.sha256(
                                                            METRICS.document().json().text())),
                                            new Printed("stderr", "seen 1.5")),
                                    Outcome.RETURNED,
                                    Json.parse(
                                            "{\"skip\":false,\"operation\":\"upscale\","
                                                    + "\"instances_count\":2,"
                                                    + "\"reason\":\"because\"}"),
                                    null,
                                    new ScaleAction(Operation.UPSCALE, 2, List.of(), "because"),
                                    List.of(),
                                    eval.durationUs(),
                                    DecisionChain.sha256(EventJson.encode(init))));
            assertThat(manage.output()).isEqualTo(Json.parse("{\"did\":[\"act\",7]}"));
            assertThat(manage.input())
                    .isEqualTo(Json.parse("{\"action\":\"act\",\"data\":{\"k\":7}}"));
            assertThat(manage.action()).isEqualTo(ScaleAction.none(null));
            assertThat(manage.previousHash())
                    .isEqualTo(DecisionChain.sha256(EventJson.encode(eval)));
            assertThat(policy.position()).isEqualTo(ChainPosition.after(manage));
            assertThat(init.previousHash()).isEqualTo(DecisionChain.GENESIS);
            for (PolicyDecided decision : List.of(init, eval, manage)) {
                assertThat(EventJson.decode(PolicyDecided.class, EventJson.encode(decision)))
                        .as("what is written is what is read")
                        .isEqualTo(decision);
            }
        }
    }

    @Test
    void acceptsTheOtherSpellingAndManagementThatReturnsNothing(PolicyEngine engine) {
        String source =
                """
                class AIOsv1PolicyRule:
                    def __init__(self, *args): pass
                    def eval(self, parameters, input_data, context): return {"skip": True}
                    def management(self, action, data): pass
                """;
        try (PolicyLine line = Policies.line(engine, source, Policies.LIMITS)) {
            List<PolicyDecided> records =
                    line.manage(Policies.NOON, "x", Json.EMPTY_OBJECT, MetricsSource.NONE);
            assertThat(records)
                    .extracting(PolicyDecided::call)
                    .containsExactly(Call.INIT, Call.MANAGE);
            assertThat(records.getLast().outcome()).isEqualTo(Outcome.RETURNED);
            assertThat(records.getLast().output()).isNull();
        }
    }

    @Test
    void importsItsOwnModulesAndReadsItsOwnFiles(PolicyEngine engine) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(
                "code/function.py",
                bytes(
                        """
                        import helper
                        from parts.deep import depth

                        class AIOSv1PolicyRule:
                            def __init__(self, rule_id, settings, parameters):
                                with open("table.txt") as table:
                                    self.table = table.read()

                            def eval(self, parameters, input_data, context):
                                return {"skip": True, "reason": helper.word + depth + self.table}
                        """));
        files.put("code/helper.py", bytes("word = 'a'"));
        files.put("code/parts/__init__.py", bytes(""));
        files.put("code/parts/deep.py", bytes("depth = 'b'"));
        files.put("code/table.txt", bytes("c"));
        PolicyAssignment assignment =
                Policies.assignment(engine, PolicyArchive.of(files).orElseThrow());
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            PolicyDecided decision = line.eval(0, Json.EMPTY_OBJECT, MetricsSource.NONE).getLast();
            assertThat(decision.action().reason()).as("%s", decision).isEqualTo("abc");
        }
    }

    @Test
    void keepsOneParametersObjectAndGivesFreshInputs(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            Json input =
                    Policies.code(
                            """
                            metrics = get_metrics()
                            metrics["block_metrics"].append("spoilt")
                            input_data["code"] = "spoilt"
                            input_data["more"] = [1]
                            parameters["p"] += 1
                            tell([parameters, parameters is self.parameters, get_metrics()])
                            """);
            List<PolicyDecided> records = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                records.addAll(line.eval(Policies.NOON, input, () -> METRICS));
            }
            assertThat(records)
                    .hasSize(3)
                    .allSatisfy(record -> {
                        assertThat(record.parameters()).isEqualTo(Json.parse("{\"p\":1}"));
                        assertThat(record.settings()).isEqualTo(Json.parse("{\"s\":[1]}"));
                    });
            assertThat(records.subList(1, 3))
                    .allSatisfy(record -> assertThat(record.input()).isEqualTo(input))
                    .extracting(record -> record.action().reason())
                    .containsExactly(
                            "[{'p': 2}, True, {'block_metrics': [{'x': 1.5}]}]",
                            "[{'p': 3}, True, {'block_metrics': [{'x': 1.5}]}]");
        }
    }

    @Test
    void boundsWhatItRecordsOfPrints(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            assertThat(Policies.printed(Policies.run(line, "for i in range(1000): print(i)")))
                    .hasSize(Recording.MAX_LINES + 1)
                    .contains("stdout: 199")
                    .last()
                    .asString()
                    .isEqualTo(
                            "blockplane: more than 200 lines or 65536 bytes printed: the rest is"
                                    + " not recorded");
            assertThat(Policies.printed(Policies.run(line, "print('x' * 10_000, end='')")))
                    .containsExactly(
                            "stdout: " + "x".repeat(8_192),
                            "blockplane: the line before is cut at 8192 bytes");
            assertThat(
                            Policies.printed(
                                    Policies.run(line, "for i in range(20): print('y' * 8000)")))
                    .hasSize(9);
            assertThat(
                            Policies.printed(
                                    Policies.run(
                                            line,
                                            """
                                            import sys, os
                                            print("a", end=""); print("b", file=sys.stderr); print("c")
                                            os.write(1, b"raw\\r\\n"); print("no end", end="")
                                            """)))
                    .containsExactly("stderr: b", "stdout: ac", "stdout: raw", "stdout: no end");
        }
    }

    @Test
    void limitsMetricsReadsAndLetsThePolicyCatchTheirFailure(PolicyEngine engine) {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            PolicyDecided decision =
                    Policies.run(
                            line,
                            """
                            n = 0
                            try:
                                while True:
                                    get_metrics(); n += 1
                            except Exception as e:
                                tell([n, type(e).__name__, str(e)])
                            """);
            assertThat(decision.action().reason())
                    .isEqualTo(
                            "[100, 'RuntimeError', 'get_metrics: more than 100 calls in one"
                                    + " decision']");
            assertThat(decision.effects())
                    .hasSize(100)
                    .containsOnly(
                            new MetricsRead(
                                    null,
                                    DecisionChain.sha256(Metrics.NONE.document().json().text())));

            PolicyDecided failed =
                    line.eval(
                                    Policies.NOON,
                                    Policies.code(
                                            "try: get_metrics()\nexcept RuntimeError: tell('ok')"),
                                    () -> {
                                        throw new IllegalStateException("no store");
                                    })
                            .getLast();
            assertThat(failed.outcome()).as("the host's failure").isEqualTo(Outcome.BROKEN);
            assertThat(failed.error()).contains("no store");
        }
    }

    @Test
    void refusesCallsThatDoNotFitItsState(PolicyEngine engine) {
        PolicyAssignment assignment = Policies.assignment(engine, Policies.OBEDIENT);
        RecordedPolicy policy =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS);
        assertThatThrownBy(() -> policy.eval(0, Json.EMPTY_OBJECT, MetricsSource.NONE))
                .hasMessage("EVAL of a policy object that is new (expected: live)");
        policy.close();
        assertThatThrownBy(() -> policy.init(0, MetricsSource.NONE))
                .hasMessage("INIT of a policy object that is closed (expected: new)");
        assertThat(policy.usable()).isFalse();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
