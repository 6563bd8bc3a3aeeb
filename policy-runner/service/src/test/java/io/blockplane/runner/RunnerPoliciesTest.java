package io.blockplane.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.BlockEvent.InstanceReady;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.BlockEvent.PolicyShadowed;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ExecuteFailurePolicy;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Command.ReportCandidate;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Command.Stage;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Everything that policies are asked beside scaling, on a real broker with real policies. */
@ExtendWith(SharedLog.class)
class RunnerPoliciesTest {

    private static final String EAGER =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.limit = parameters.get("limit", 100)
                    self.get_metrics = settings["get_metrics"]
                    self.asked = 0

                def eval(self, parameters, input_data, context):
                    self.asked += 1
                    tokens = sum(d["llm_input_tokens_per_minute_rolling"]["average_1m"]
                                 for d in self.get_metrics()["block_metrics"]
                                 if d["instanceId"] in input_data["current_instances"])
                    if tokens > self.limit:
                        return {"skip": False, "operation": "upscale", "instances_count": 1}
                    return {"skip": True, "reason": "limit %d, call %d" % (self.limit, self.asked)}

                def management(self, action, data):
                    if action == "limit":
                        self.limit = data["to"]
                        return {"status": "ok", "limit": self.limit}
                    raise KeyError(action)
            """;

    private static final String HEALTH =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.block = settings["block_data"]["id"]
                    self.cluster = settings["cluster_data"]["id"]
                    self.counter = {}

                def eval(self, parameters, input_data, context):
                    for instance, healthy in input_data["health_check_data"].items():
                        if not healthy:
                            self.counter[instance] = self.counter.get(instance, 0) + 1
                    pod = input_data["instances"]["in-aaaa"]
                    return {"block": self.block, "cluster": self.cluster,
                            "ip": pod["status"]["pod_ip"], "counter": self.counter}

                def management(self, action, data):
                    self.counter.clear()
                    return {}
            """;

    private static final String FAILURE =
            """
            class AIOSv1PolicyRule:
                calls = 0

                def __init__(self, rule_id, settings, parameters):
                    self.parameters = parameters

                def eval(self, parameters, input_data, context):
                    AIOSv1PolicyRule.calls += 1
                    return {"restart": input_data["instance_id"], "grace": parameters["grace"],
                            "calls": self.calls}

                def management(self, action, data):
                    return {}
            """;

    private static final String PLACE =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    pass

                def eval(self, parameters, input_data, context):
                    node = input_data["payload"]["healthy_nodes"][0]
                    return {"node_id": node["id"], "gpus": [], "for": input_data["action"]}
            """;

    private static final String BROKEN =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    pass

                def eval(self, parameters, input_data, context):
                    return {"skip": input_data["no such key"]}
            """;

    private static final String HANGING =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    pass

                def eval(self, parameters, input_data, context):
                    while True:
                        pass
            """;

    private static LogUnderTest log;

    @BeforeAll
    static void take(LogUnderTest shared) {
        log = shared;
    }

    @Test
    void aManagementCallChangesTheNextDecisionIsAnsweredOnceAndOutlivesTheRunner()
            throws Exception {
        log.publish("eager:1.0-stable", EAGER);
        log.create("managed", Map.of("autoscaler", "eager:1.0-stable"));
        try (RunnerRole runner = log.runner("manages")) {
            log.closeWindow("managed", 1, 500);
            log.awaitEvaluationAt("managed", Kind.SCALE, null, 1);
            log.append(
                    "call-1", new ManagePolicy("managed", Kind.SCALE, "limit", limit(9_000_000)));
            log.append(
                    "call-1", new ManagePolicy("managed", Kind.SCALE, "limit", limit(9_000_000)));
            log.append("call-2", new ManagePolicy("managed", Kind.SCALE, "no such", limit(1)));
            awaitAnswer("managed", Kind.SCALE, "call-2");
            log.closeWindow("managed", 2, 500);
            log.awaitEvaluationAt("managed", Kind.SCALE, null, 2);
            assertThat(runner.failure()).isNull();
        }
        try (RunnerRole _ = log.runner("manages-after")) {
            log.closeWindow("managed", 3, 500);
            log.awaitEvaluationAt("managed", Kind.SCALE, null, 3);
        }
        List<PolicyDecided> decided = log.decided("managed", Kind.SCALE, null);
        assertThat(decided.stream().map(PolicyDecided::call))
                .containsExactly(
                        Call.INIT, Call.EVAL, Call.MANAGE, Call.MANAGE, Call.EVAL, Call.EVAL);
        assertThat(decided.get(1).action().operation()).isEqualTo(Operation.UPSCALE);
        assertThat(String.valueOf(decided.get(2).output()))
                .isEqualTo("{\"status\":\"ok\",\"limit\":9000000}");
        assertThat(decided.get(3).outcome()).isEqualTo(Outcome.RAISED);
        assertThat(decided.get(4).action().reason()).isEqualTo("limit 9000000, call 2");
        assertThat(decided.get(5).action().reason()).isEqualTo("limit 9000000, call 3");
        log.assertChainHolds("managed", Kind.SCALE, null);
    }

    @Test
    void theHealthCheckerDecidesOnceOnEachRoundOfProbes() throws Exception {
        log.publish("health:1.0-stable", HEALTH);
        log.create("watched", Map.of("stabilityChecker", "health:1.0-stable"));
        log.append(
                "evt-watched-3",
                new InstanceReady(
                        "watched",
                        3,
                        "in-aaaa",
                        1,
                        new InstanceAddress("grpc", "127.0.0.1:1", "http://127.0.0.1:2/health")));
        try (RunnerRole _ = log.runner("watches")) {
            for (int round = 1; round <= 3; round++) {
                log.append("probe-watched-" + round, probe("watched", round, round == 2));
                Thread.sleep(300);
                log.closeWindow("watched", round, 1);
                log.awaitEvaluationAt("watched", Kind.HEALTH, null, round);
            }
            log.closeWindow("watched", 4, 1);
            log.append("call-h", new ManagePolicy("watched", Kind.HEALTH, "reset", limit(0)));
            awaitAnswer("watched", Kind.HEALTH, "call-h");
        }
        List<PolicyDecided> decided = log.decided("watched", Kind.HEALTH, null);
        assertThat(decided.stream().map(PolicyDecided::call))
                .containsExactly(Call.INIT, Call.EVAL, Call.EVAL, Call.EVAL, Call.MANAGE);
        assertThat(decided.get(2).input().node().path("health_check_data").toString())
                .isEqualTo("{\"in-aaaa\":true}");
        assertThat(String.valueOf(decided.get(3).output()))
                .isEqualTo(
                        "{\"block\":\"watched\",\"cluster\":\"local\",\"ip\":\"127.0.0.1\","
                                + "\"counter\":{\"in-aaaa\":2}}");
        log.assertChainHolds("watched", Kind.HEALTH, null);
    }

    @Test
    void aFailurePolicyIsANewObjectForEachCall() throws Exception {
        log.publish("fail:1.0-stable", FAILURE);
        try (RunnerRole _ = log.runner("fails")) {
            for (String id : List.of("f-1", "f-2")) {
                log.append(
                        id,
                        new ExecuteFailurePolicy(
                                ExecuteFailurePolicy.NO_BLOCK,
                                "fail:1.0-stable",
                                Json.parse("{\"instance_id\":\"in-x\"}"),
                                Json.parse("{\"grace\":3}")));
                awaitAnswer(ExecuteFailurePolicy.NO_BLOCK, Kind.FAILURE, id);
            }
        }
        List<PolicyDecided> decided =
                log.decided(ExecuteFailurePolicy.NO_BLOCK, Kind.FAILURE, null);
        assertThat(decided.stream().map(PolicyDecided::call))
                .containsExactly(Call.INIT, Call.EVAL, Call.INIT, Call.EVAL);
        assertThat(
                        decided.stream()
                                .filter(d -> d.call() == Call.EVAL)
                                .map(d -> String.valueOf(d.output())))
                .containsOnly("{\"restart\":\"in-x\",\"grace\":3,\"calls\":1}");
        log.assertChainHolds(ExecuteFailurePolicy.NO_BLOCK, Kind.FAILURE, null);
    }

    @Test
    void theResourceAllocatorIsAskedForEachInstance() throws Exception {
        log.publish("place:1.0-stable", PLACE);
        try (RunnerRole _ = log.runner("places")) {
            log.create("placed", Map.of("resourceAllocator", "place:1.0-stable"));
            log.append("evt-placed-3", new InstanceRequested("placed", 3, "in-bbbb", 2));
            Awaitility.await()
                    .atMost(LogUnderTest.LIMIT)
                    .until(() -> log.decided("placed", Kind.PLACE, null).size() == 3);
        }
        List<PolicyDecided> decided = log.decided("placed", Kind.PLACE, null);
        assertThat(String.valueOf(decided.get(1).output()))
                .isEqualTo("{\"node_id\":\"local\",\"gpus\":[],\"for\":\"allocation\"}");
        assertThat(String.valueOf(decided.get(2).output()))
                .isEqualTo("{\"node_id\":\"local\",\"gpus\":[],\"for\":\"scale\"}");
    }

    @Test
    void aCandidateIsTriedOnTheLastInputsAndAShadowDecidesWithoutEffect() throws Exception {
        log.publish("eager:2.0-stable", EAGER);
        log.publish("broken:1.0-stable", BROKEN);
        log.create("tried", Map.of("autoscaler", "eager:2.0-stable"));
        try (RunnerRole _ = log.runner("tries")) {
            log.closeWindow("tried", 1, 1);
            log.awaitEvaluationAt("tried", Kind.SCALE, null, 1);
            propose("tried", 3, "broken:1.0-stable", "{}");
            ReportCandidate broken = awaitReport("tried", 3);
            assertThat(broken.passed()).isFalse();
            assertThat(broken.findings().getLast()).contains("RAISED", "no such key");

            propose("tried", 4, "eager:2.0-stable", "{\"limit\":0}");
            ReportCandidate eager = awaitReport("tried", 4);
            assertThat(eager.passed()).isTrue();
            assertThat(eager.findings().getLast())
                    .isEqualTo("1 of the last 1 inputs decided otherwise than recorded");
            assertThat(eager.findings().getFirst()).contains("recorded NONE", "would be UPSCALE 1");

            log.append(
                    "evt-tried-5",
                    new PolicyShadowed(
                            "tried", 5, "autoscaler", binding("{\"limit\":0}"), List.of()));
            Thread.sleep(500);
            log.closeWindow("tried", 2, 1);
            log.awaitEvaluationAt("tried", Kind.SCALE, PolicyDecided.SHADOW, 2);
            log.awaitEvaluationAt("tried", Kind.SCALE, null, 2);
        }
        List<PolicyDecided> shadow = log.decided("tried", Kind.SCALE, PolicyDecided.SHADOW);
        assertThat(shadow.getLast().action().operation()).isEqualTo(Operation.UPSCALE);
        assertThat(log.of(ScaleBlock.class, Topic.COMMANDS, "tried")).isEmpty();
        log.assertChainHolds("tried", Kind.SCALE, PolicyDecided.SHADOW);
        log.assertChainHolds("tried", Kind.SCALE, null);
    }

    @Test
    void aPolicyThatHangsAgainAndAgainIsQuarantined() throws Exception {
        log.publish("hangs:1.0-stable", HANGING);
        log.create("sick", Map.of("autoscaler", "hangs:1.0-stable"));
        try (RunnerRole _ = log.runner("ends")) {
            for (int second : List.of(1, 4, 9)) {
                log.closeWindow("sick", second, 1);
                log.awaitEvaluationAt("sick", Kind.SCALE, null, second);
            }
            Awaitility.await()
                    .atMost(LogUnderTest.LIMIT)
                    .untilAsserted(() ->
                            assertThat(log.of(QuarantinePolicy.class, Topic.COMMANDS, "sick"))
                                    .hasSize(1)
                                    .first()
                                    .matches(q -> q.policyUri().equals("hangs:1.0-stable")));
        }
    }

    private static void propose(String blockId, long version, String uri, String parameters)
            throws Exception {
        log.append(
                "evt-" + blockId + "-" + version,
                new PolicyProposed(
                        blockId,
                        version,
                        "autoscaler",
                        new PolicyBinding(uri, Json.parse(parameters), Json.EMPTY_OBJECT),
                        Stage.ACTIVE));
    }

    private static PolicyBinding binding(String parameters) {
        return new PolicyBinding(
                "eager:2.0-stable", Json.parse(parameters), Json.parse("{\"intervalSeconds\":1}"));
    }

    private static ReportCandidate awaitReport(String blockId, long candidate) {
        return Awaitility.await()
                .atMost(LogUnderTest.LIMIT)
                .until(
                        () ->
                                log.of(ReportCandidate.class, Topic.COMMANDS, blockId).stream()
                                        .filter(r -> r.candidate() == candidate)
                                        .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private static void awaitAnswer(String blockId, Kind kind, String commandId) {
        Awaitility.await()
                .atMost(LogUnderTest.LIMIT)
                .until(() ->
                        log.decisions(blockId, kind, null).stream()
                                .filter(r -> LogUnderTest.decision(r).call() != Call.INIT)
                                .map(LogRecord<Event>::envelope)
                                .anyMatch(e -> commandId.equals(e.causationId())));
    }

    private static ProbeRecorded probe(String blockId, int round, boolean healthy) {
        return new ProbeRecorded(
                blockId,
                "in-aaaa",
                round,
                LogUnderTest.T0 + round * 1000L - 500,
                "http://127.0.0.1:2/health",
                healthy,
                200,
                900,
                null);
    }

    private static Json limit(long to) {
        return Json.parse("{\"to\":" + to + "}");
    }
}
