package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.Http;
import io.blockplane.control.Http.Answer;
import io.blockplane.control.command.CallGateway;
import io.blockplane.control.view.PolicyAnswers;
import io.blockplane.events.Command.ExecuteFailurePolicy;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.PolicyVersion;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Management calls and failure policies over HTTP on a real log. A stand-in answers as one that
 * runs policies does: what it says follows from the action.
 */
class PolicyCallApiTest {

    @TempDir static Path folder;
    static RunningApi api;
    static LogTail runner;
    static final AtomicLong CALLS = new AtomicLong();

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi(folder);
        runner =
                LogTail.start(
                        api.log().kafka(), Topic.COMMANDS, "stand-in", PolicyCallApiTest::run);
        api.http()
                .upload(".", "p.zip", Http.zip("code/function.py", "class AIOSv1PolicyRule: pass"));
        api.post("/policy", PolicyApiTest.policy("p", "1", "p.zip"));
        String policies =
                """
                {"values":{"name":"autoscaler","policyRuleURI":"p:1-stable"}},\
                {"values":{"name":"stabilityChecker","policyRuleURI":"p:1-stable"}},\
                {"values":{"name":"loadBalancer","policyRuleURI":"builtin:least-outstanding"}}\
                """;
        Answer created =
                api.post(
                        "/blocks",
                        RunningApi.block("managed", "", "")
                                .replace("Spec\":[]", "Spec\":[" + policies + "]"));
        assertThat(created.status()).as(created.body().toString()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        runner.close();
        api.close();
    }

    @Test
    void answersWithWhatTheManagementCallReturned() throws Exception {
        Answer answer =
                api.post(
                        "/block/managed/autoscaler/mgmt",
                        "{\"mgmt_action\":\"echo\",\"mgmt_data\":{\"a\":[1,null]}}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().toString())
                .isEqualTo(
                        "{\"success\":true,\"data\":{\"kind\":\"SCALE\",\"data\":{\"a\":[1,null]}}}");
        assertThat(manage("/block/managed/health-checker/mgmt", "echo").at("/data/kind").asText())
                .isEqualTo("HEALTH");
        assertThat(manage("/block/managed/health/mgmt", "echo").at("/data/data").toString())
                .isEqualTo("{}");
        assertThat(manage("/block/managed/autoscaler/mgmt", "nothing").toString())
                .isEqualTo("{\"success\":true,\"data\":null}");
    }

    @Test
    void saysWhatIsWrong() throws Exception {
        String path = "/block/managed/autoscaler/mgmt";
        for (String body : List.of("{}", "{\"mgmt_action\":\"\"}", "{\"mgmt_action\":3}")) {
            Answer missing = api.post(path, body);
            assertThat(missing.status()).isEqualTo(400);
            assertThat(missing.body().path("success").asBoolean(true)).isFalse();
            assertThat(missing.message()).isEqualTo("mgmt_action is required");
        }
        Answer raised = api.post(path, "{\"mgmt_action\":\"raise\"}");
        assertThat(raised.status()).isEqualTo(500);
        assertThat(raised.message()).isEqualTo("KeyError: 'x'");
        Answer unmade = api.post(path, "{\"mgmt_action\":\"unmade\"}");
        assertThat(unmade.status()).isEqualTo(500);
        assertThat(unmade.message()).isEqualTo("ValueError: no settings");
        assertThat(api.post("/block/none/autoscaler/mgmt", action("echo")).status()).isEqualTo(404);
        Answer builtIn = api.post("/block/managed/executor/mgmt", action("echo"));
        assertThat(builtIn.status()).isEqualTo(409);
        assertThat(builtIn.message())
                .isEqualTo(
                        "loadBalancer of block managed is builtin:least-outstanding, which takes no"
                                + " management calls");
    }

    @Test
    void saysThatACallMayStillBeExecutedWhenNobodyAnswersInTime() throws Exception {
        Duration limit = Duration.ofMillis(300);
        ManagePolicy call =
                new ManagePolicy("managed", Kind.SCALE, "stay silent", Json.EMPTY_OBJECT);
        try (LogWriter writer = new LogWriter(api.log().kafka(), "impatient");
                PolicyAnswers answers = new PolicyAnswers(api.log().kafka(), "impatient")) {
            answers.start();
            CallGateway gateway = new CallGateway(writer, answers, InstantSource.system(), limit);
            assertThat(gateway.submit("silent-1", call))
                    .isEqualTo(new CallGateway.Outcome.Unanswered("silent-1", limit));
        }
        assertThat(api.log().of(Topic.COMMANDS, "managed")).contains(call);
    }

    @Test
    void callsOnceForOneKey() throws Exception {
        String path = "/block/managed/autoscaler/mgmt";
        Answer first = api.post(path, action("count"), "Idempotency-Key", "count-1");
        assertThat(api.post(path, action("count"), "Idempotency-Key", "count-1")).isEqualTo(first);
        assertThat(api.post(path, action("count"))).isNotEqualTo(first);
    }

    @Test
    void listensWhereItsUsersKnowIt() throws Exception {
        try (Http autoscaler = port("autoscaler");
                Http failures = port("failure-policies")) {
            assertThat(autoscaler.post("/mgmt", action("echo")).data().path("kind").asText())
                    .as("the only block there is")
                    .isEqualTo("SCALE");
            Answer named = autoscaler.post("/mgmt", action("echo"), "x-service-name", "managed");
            assertThat(named.status()).isEqualTo(200);
            assertThat(autoscaler.post("/mgmt", action("echo"), "x-service-name", "other").status())
                    .isEqualTo(404);
            assertThat(autoscaler.get("/blocks").status()).isEqualTo(404);
            assertThat(
                            failures.post("/executeFailurePolicy", failure("p:1-stable"))
                                    .data()
                                    .path("seen")
                                    .asInt())
                    .isEqualTo(7);
        }
        assertThat(api.ports())
                .containsOnlyKeys(
                        "management-api",
                        "executor",
                        "autoscaler",
                        "health-checker",
                        "failure-policies",
                        "blocks");
    }

    @Test
    void executesFailurePolicies() throws Exception {
        Answer executed = api.post("/executeFailurePolicy", failure("p:1-stable"));
        assertThat(executed.status()).as(executed.body().toString()).isEqualTo(200);
        assertThat(executed.data().toString())
                .isEqualTo("{\"seen\":7,\"block\":\"failure-policies\"}");
        Answer ofBlock =
                api.post(
                        "/executeFailurePolicy",
                        failure("p:1-stable")
                                .replace("{\"n\":7}", "{\"n\":1,\"block_id\":\"managed\"}"));
        assertThat(ofBlock.data().path("block").asText()).isEqualTo("managed");
        for (String missing : List.of("failure_policy_id", "inputs", "parameters")) {
            Answer refused =
                    api.post(
                            "/executeFailurePolicy",
                            failure("p:1-stable").replace("\"" + missing + "\"", "\"other\""));
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.message()).isEqualTo("Missing required parameters");
        }
        assertThat(api.post("/executeFailurePolicy", failure("p:2-stable")).status())
                .isEqualTo(404);
    }

    private static String failure(String uri) {
        return "{\"failure_policy_id\":\"%s\",\"inputs\":{\"n\":7},\"parameters\":{}}"
                .formatted(uri);
    }

    private static String action(String action) {
        return "{\"mgmt_action\":\"" + action + "\"}";
    }

    private static com.fasterxml.jackson.databind.JsonNode manage(String path, String action)
            throws Exception {
        return api.post(path, action(action)).body();
    }

    private static Http port(String name) {
        return new Http("http://127.0.0.1:" + api.ports().get(name));
    }

    /** As a runner: an INIT with the command's causation, then the call. */
    private static void run(LogRecord<Event> command) {
        if (!(command.event() instanceof PolicyCall call)) {
            return;
        }
        String id = command.envelope().id();
        switch (call) {
            case ManagePolicy managed -> {
                if (managed.action().equals("unmade")) {
                    decided(id, call, Call.INIT, Outcome.RAISED, null, "ValueError: no settings");
                    return;
                }
                decided(id, call, Call.INIT, Outcome.RETURNED, null, null);
                switch (managed.action()) {
                    case "stay silent" -> {}
                    case "raise" ->
                            decided(id, call, Call.MANAGE, Outcome.RAISED, null, "KeyError: 'x'");
                    case "nothing" ->
                            decided(id, call, Call.MANAGE, Outcome.RETURNED, "null", null);
                    case "count" ->
                            decided(
                                    id,
                                    call,
                                    Call.MANAGE,
                                    Outcome.RETURNED,
                                    Long.toString(CALLS.incrementAndGet()),
                                    null);
                    default ->
                            decided(
                                    id,
                                    call,
                                    Call.MANAGE,
                                    Outcome.RETURNED,
                                    "{\"kind\":\"%s\",\"data\":%s}"
                                            .formatted(managed.kind(), managed.data()),
                                    null);
                }
            }
            case ExecuteFailurePolicy failure -> {
                decided(id, call, Call.INIT, Outcome.RETURNED, null, null);
                decided(
                        id,
                        call,
                        Call.EVAL,
                        Outcome.RETURNED,
                        "{\"seen\":%s,\"block\":\"%s\"}"
                                .formatted(failure.inputs().node().path("n"), failure.blockId()),
                        null);
            }
        }
    }

    private static void decided(
            String commandId,
            PolicyCall call,
            Call what,
            Outcome outcome,
            @Nullable String output,
            @Nullable String error) {
        PolicyDecided decided =
                new PolicyDecided(
                        call.blockId(),
                        call.kind(),
                        null,
                        what,
                        0,
                        1,
                        5,
                        new PolicyVersion("p:1-stable", "00", "stand-in"),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        List.of(),
                        outcome,
                        output == null ? null : Json.parse(output),
                        error,
                        ScaleAction.none(null),
                        List.of(),
                        1,
                        DecisionChain.GENESIS);
        api.log()
                .append(
                        new Envelope<>(
                                "dec-" + what + "-" + commandId,
                                "/test",
                                5,
                                null,
                                commandId,
                                decided));
    }
}
