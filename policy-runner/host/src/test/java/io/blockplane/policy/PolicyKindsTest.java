package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.format.PolicyArchive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each kind is told of its block, is given its input, and is understood. */
@ExtendWith(SharedEngine.class)
class PolicyKindsTest {

    private static final Json SURROUNDINGS =
            PolicyAssignment.surroundings(
                    Json.parse("{\"id\":\"block-a\"}"), Json.parse("{\"id\":\"local\"}"));

    /** Answers what it was given: the value of {@code answer} in its input. */
    private static final String ECHO =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.told = [sorted(settings), settings.get("block_data")]

                def eval(self, parameters, input_data, context):
                    return input_data.get("answer", input_data)

                def management(self, action, data):
                    return {"action": action, "data": data, "told": self.told}
            """;

    @Test
    void isToldOfItsBlockWhenItIsMadeAndAgainWhenItIsRebuilt(PolicyEngine engine) {
        PolicyAssignment told = echo(engine, Kind.HEALTH);
        List<PolicyDecided> records = new ArrayList<>();
        String expected =
                "{\"action\":\"x\",\"data\":{},\"told\":[[\"block_data\",\"cluster_data\","
                        + "\"get_metrics\",\"s\"],{\"id\":\"block-a\"}]}";
        try (PolicyLine line = PolicyLine.start(engine, told, Policies.LIMITS)) {
            records.addAll(manage(line, "x"));
            assertThat(records.getFirst().call()).isEqualTo(Call.INIT);
            assertThat(records.getFirst().input()).isEqualTo(SURROUNDINGS);
            assertThat(records.getLast().output()).hasToString(expected);
        }
        PolicyAssignment changed =
                Policies.assignment(
                        engine,
                        Kind.HEALTH,
                        told.archive(),
                        Json.parse("{\"block_data\":{\"id\":\"changed\"}}"));
        PolicyLine.Resumed resumed =
                PolicyLine.resume(
                        engine,
                        changed,
                        Policies.LIMITS,
                        records,
                        ChainPosition.after(records.getLast()).previousHash(),
                        _ -> null);
        try (PolicyLine line = resumed.line()) {
            assertThat(resumed.rebuilt()).isEqualTo(new Rebuilt.Same(2));
            assertThat(manage(line, "x").getLast().output())
                    .as("what it was told when it was made")
                    .hasToString(expected);
        }
    }

    @Test
    void evaluatesEachKindByItsContract(PolicyEngine engine) {
        try (PolicyLine health = line(engine, Kind.HEALTH);
                PolicyLine failure = line(engine, Kind.FAILURE);
                PolicyLine place = line(engine, Kind.PLACE)) {
            Json pod = HealthContract.pod("block-a", "in-1", "127.0.0.1:9", "Running");
            Json input =
                    HealthContract.input(
                            Json.EMPTY_OBJECT,
                            Json.EMPTY_OBJECT,
                            Map.of("in-1", true),
                            Map.of("in-1", pod));
            assertThat(eval(health, input).output()).isEqualTo(input);
            PolicyDecided nothing = eval(health, Json.parse("{\"answer\":null}"));
            assertThat(nothing.outcome()).isEqualTo(Outcome.RETURNED);
            assertThat(nothing.output()).isNull();
            assertThat(nothing.fallbacks()).isEmpty();

            assertThat(
                            eval(failure, FailureContract.input(Json.parse("{\"answer\":[1]}")))
                                    .output())
                    .hasToString("[1]");

            Json ask = PlacementContract.input(PlacementContract.Action.SCALE, Json.EMPTY_OBJECT);
            assertThat(ask)
                    .hasToString(
                            "{\"action\":\"scale\",\"payload\":{\"action\":\"scale\",\"mode\":\"scale\"}}");
            PolicyDecided useless = eval(place, ask);
            assertThat(useless.outcome()).isEqualTo(Outcome.UNUSABLE);
            assertThat(useless.error())
                    .isEqualTo("node_id: missing (expected: the id of a node, not empty)");
            PolicyDecided placed =
                    eval(
                            place,
                            Json.parse(
                                    "{\"action\":\"allocation\",\"answer\":{\"node_id\":\"n\","
                                            + "\"gpus\":[0,2]}}"));
            assertThat(placed.outcome()).isEqualTo(Outcome.RETURNED);
            assertThat(PlacementContract.allocation(Objects.requireNonNull(placed.output())))
                    .isEqualTo(new PlacementContract.Allocation("n", List.of(0, 2)));
        }
    }

    @Test
    void readsPlacementAnswersByWhatWasAsked() {
        assertThat(unusable("dry_run", "{\"selection_score_data\":{\"score\":0.5}}")).isEmpty();
        assertThat(unusable("dry_run", "{}")).contains("selection_score_data.score: missing");
        assertThat(unusable("reassignment", "{\"node_id\":\"n\",\"gpus\":[-1]}"))
                .contains("gpus: -1");
        assertThat(unusable("selection", "{\"clusters\":[]}")).isEmpty();
        assertThat(unusable("selection", "{\"clusters\":3}")).contains("clusters: 3");
        assertThat(unusable("post_dry_run", "[]")).contains("output: []");
        assertThat(unusable("post_dry_run", "{\"id\":\"c\"}")).isEmpty();
        assertThat(PlacementContract.selection(Json.parse("[1]")))
                .hasToString("{\"action\":\"selection\",\"filter_result\":[1]}");
        assertThat(PlacementContract.postDryRun(Json.parse("[1]")))
                .hasToString("{\"action\":\"post_dry_run\",\"clusters\":[1]}");
    }

    @Test
    void asksABalancerByItsModes(PolicyEngine engine) {
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        "block-a",
                        Kind.ROUTE,
                        "ex-1.2.3",
                        "test:1-stable",
                        PolicyArchive.ofFunction(ECHO),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        SURROUNDINGS);
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            assertThat(manage(line, "estimate").getLast().output())
                    .hasToString("{\"mode\":\"estimate\"}");
            assertThat(manage(line, "check_execute").getLast().output())
                    .hasToString("{\"mode\":\"check_execute\",\"inputs\":{}}");
            assertThat(manage(line, "health_check").getLast().output())
                    .hasToString("{\"mode\":\"health_check\",\"inputs\":{}}");
            PolicyDecided other = manage(line, "other").getLast();
            assertThat(other.output()).asString().startsWith("{\"action\":\"other\"");
            assertThat(other.id()).isEqualTo("dec-block-a-route-ex-1.2.3-4");
        }
    }

    @Test
    void holdsInputsAndOutputsAgainstTheSchemasOfTheVersion(PolicyEngine engine) {
        PolicyAssignment assignment =
                echo(engine, Kind.FAILURE)
                        .with(
                                new PolicyAssignment.Schemas(
                                        Json.parse(
                                                "{\"properties\":{\"n\":{\"type\":\"integer\"}}}"),
                                        Json.parse("{\"required\":[\"ok\"],\"type\":\"object\"}")));
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            PolicyDecided wrongInput = eval(line, Json.parse("{\"n\":\"one\"}"));
            assertThat(wrongInput.outcome()).isEqualTo(Outcome.UNUSABLE);
            assertThat(wrongInput.error()).isEqualTo("input: $.n: string found, integer expected");
            PolicyDecided wrongOutput = eval(line, Json.parse("{\"n\":1}"));
            assertThat(wrongOutput.outcome()).isEqualTo(Outcome.UNUSABLE);
            assertThat(wrongOutput.error())
                    .isEqualTo("output: $: required property 'ok' not found");
            assertThat(wrongOutput.output()).hasToString("{\"n\":1}");
            PolicyDecided right = eval(line, Json.parse("{\"answer\":{\"ok\":1}}"));
            assertThat(right.outcome()).isEqualTo(Outcome.RETURNED);
            assertThat(right.incarnation()).as("the object lives on").isEqualTo(1);
        }
    }

    private static String unusable(String action, String output) {
        return PlacementContract.unusable(
                        Json.parse("{\"action\":\"" + action + "\"}"), Json.parse(output))
                .orElse("");
    }

    private static PolicyAssignment echo(PolicyEngine engine, Kind kind) {
        return Policies.assignment(engine, kind, PolicyArchive.ofFunction(ECHO), SURROUNDINGS);
    }

    private static PolicyLine line(PolicyEngine engine, Kind kind) {
        return PolicyLine.start(engine, echo(engine, kind), Policies.LIMITS);
    }

    private static PolicyDecided eval(PolicyLine line, Json input) {
        return line.eval(Policies.NOON, input, MetricsSource.NONE).getLast();
    }

    private static List<PolicyDecided> manage(PolicyLine line, String action) {
        return line.manage(Policies.NOON, action, Json.EMPTY_OBJECT, MetricsSource.NONE);
    }
}
