package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.Http;
import io.blockplane.control.Http.Answer;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Command.ReportCandidate;
import io.blockplane.events.Topic;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The life of a policy over HTTP on a real log; the test writes what its runner would report. */
class PolicyLifeApiTest {

    @TempDir static Path folder;
    static RunningApi api;
    static ExecutorService clients;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi(folder);
        clients = Executors.newVirtualThreadPerTaskExecutor();
        api.http()
                .upload(".", "p.zip", Http.zip("code/function.py", "class AIOSv1PolicyRule: pass"));
        for (String version : List.of("1", "2", "3")) {
            Answer registered = api.post("/policy", PolicyApiTest.policy("p", version, "p.zip"));
            assertThat(registered.status()).as(registered.body().toString()).isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() {
        clients.close();
        api.close();
    }

    @Test
    void leadsFromActivationOverAShadowToRollback() throws Exception {
        create("life");
        Answer activated = checked("life", "activate", 2, true, "adds 1 more");
        assertThat(activated.status()).as(activated.body().toString()).isEqualTo(200);
        assertThat(activated.data().path("outcome").asText()).isEqualTo("ACTIVE");
        assertThat(activated.data().path("previous").asText()).isEqualTo("p:1-stable");
        assertThat(activated.data().path("findings").path(0).asText()).isEqualTo("adds 1 more");
        assertThat(api.get("/blocks/life").body().at("/policies/autoscaler").toString())
                .as("the block's own parameters stay")
                .isEqualTo(
                        "{\"policyRuleURI\":\"p:2-stable\",\"parameters\":{\"n\":1},\"settings\":{}}");

        Answer shadowed = checked("life", "shadow", 3, true);
        assertThat(shadowed.data().path("outcome").asText()).isEqualTo("SHADOW");
        var states = api.get("/blocks/life").body().at("/policyStates/autoscaler");
        assertThat(states.at("/shadow/policyRuleURI").asText()).isEqualTo("p:3-stable");
        assertThat(states.at("/earlier/0/policyRuleURI").asText()).isEqualTo("p:1-stable");
        assertThat(states.path("candidate").isNull()).isTrue();

        Answer ended = post("life", "unshadow", "{}");
        assertThat(ended.data().path("policyUri").asText()).isEqualTo("p:3-stable");
        assertThat(post("life", "unshadow", "{}").status()).isEqualTo(409);

        Answer back = post("life", "rollback", "{\"reason\":\"too eager\"}");
        assertThat(back.data().path("cause").asText()).isEqualTo("ROLLED_BACK");
        assertThat(back.data().at("/binding/policyUri").asText()).isEqualTo("p:1-stable");
        Answer none = post("life", "rollback", "{}");
        assertThat(none.status()).isEqualTo(409);
        assertThat(none.error().path("code").asText()).isEqualTo("NOTHING_TO_ROLL_BACK_TO");
    }

    @Test
    void saysWhatACheckFoundWrong() throws Exception {
        create("refusing");
        Answer refused = checked("refusing", "activate", 2, false, "INIT: RAISED: KeyError");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.message())
                .isEqualTo("p:2-stable did not pass its check: INIT: RAISED: KeyError");
        assertThat(refused.error().path("findings").path(0).asText())
                .isEqualTo("INIT: RAISED: KeyError");
        assertThat(
                        api.get("/blocks/refusing")
                                .body()
                                .at("/policies/autoscaler/policyRuleURI")
                                .asText())
                .isEqualTo("p:1-stable");
    }

    @Test
    void refusesWhatNeedsNoCheckToBeRefused() throws Exception {
        create("strict");
        Answer same = post("strict", "activate", "{\"policy_rule_uri\":\"p:1-stable\"}");
        assertThat(same.status()).isEqualTo(409);
        assertThat(same.error().path("code").asText()).isEqualTo("ALREADY_ACTIVE");
        Answer unknown = post("strict", "activate", "{\"policy_rule_uri\":\"p:9-stable\"}");
        assertThat(unknown.message())
                .isEqualTo(
                        "policy_rule_uri: \"p:9-stable\" (expected: the uri of a registered"
                                + " policy)");
        Answer misspelt =
                api.post(
                        "/blocks/strict/policies/autoscalar/activate",
                        "{\"policy_rule_uri\":\"p:2-stable\"}");
        assertThat(misspelt.status()).isEqualTo(404);
        assertThat(misspelt.message()).contains("expected: one of [autoscaler, clusterAllocator");
        assertThat(
                        post("strict", "shadow", "{\"policy_rule_uri\":\"p:2-stable\",\"x\":1}")
                                .error()
                                .path("field")
                                .asText())
                .isEqualTo("x");
        assertThat(
                        api.post("/blocks/none/policies/autoscaler/rollback", "{}")
                                .error()
                                .path("code")
                                .asText())
                .isEqualTo("UNKNOWN_BLOCK");
    }

    @Test
    void tellsAProposalThatANewerOneReplacedIt() throws Exception {
        create("busy");
        CompletableFuture<Answer> first = activate("busy", "activate", 2);
        awaitCandidate("busy", 2);
        Answer second = checked("busy", "activate", 3, true);
        assertThat(second.status()).isEqualTo(200);
        assertThat(first.get().status()).isEqualTo(409);
        assertThat(first.get().error().path("code").asText()).isEqualTo("SUPERSEDED");
    }

    @Test
    void showsAQuarantineUntilAnotherPolicyIsActive() throws Exception {
        create("sick");
        api.log()
                .append(
                        "quarantine-sick",
                        5,
                        new QuarantinePolicy("sick", "autoscaler", "p:1-stable", "slow"));
        Awaitility.await()
                .until(() ->
                        api.get("/blocks/sick")
                                .body()
                                .at("/policyStates/autoscaler/quarantined")
                                .asBoolean());
        Answer managed = api.post("/block/sick/autoscaler/mgmt", "{\"mgmt_action\":\"show\"}");
        assertThat(managed.status()).isEqualTo(409);
        assertThat(managed.error().path("code").asText()).isEqualTo("QUARANTINED");
        assertThat(checked("sick", "activate", 2, true).status()).isEqualTo(200);
        assertThat(post("sick", "rollback", "{}").status()).isEqualTo(409);
    }

    private static void create(String blockId) throws Exception {
        Answer created =
                api.post(
                        "/blocks",
                        RunningApi.block(
                                        blockId,
                                        "",
                                        "\"name\":\"autoscaler\",\"parameters\":{\"n\":1}")
                                .replace("builtin:least-outstanding", "p:1-stable"));
        assertThat(created.status()).as(created.body().toString()).isEqualTo(200);
    }

    private static Answer post(String blockId, String what, String body) throws Exception {
        return api.post("/blocks/" + blockId + "/policies/autoscaler/" + what, body);
    }

    private static CompletableFuture<Answer> activate(String blockId, String what, int version) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return post(
                                blockId,
                                what,
                                "{\"policy_rule_uri\":\"p:" + version + "-stable\"}");
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                },
                clients);
    }

    /** Proposes, and reports as a runner does that has checked. */
    private static Answer checked(
            String blockId, String what, int version, boolean passed, String... findings)
            throws Exception {
        CompletableFuture<Answer> answer = activate(blockId, what, version);
        long candidate = awaitCandidate(blockId, version);
        api.log()
                .append(
                        "cand-" + blockId + "-" + candidate,
                        7,
                        new ReportCandidate(
                                blockId, "autoscaler", candidate, passed, List.of(findings)));
        return answer.get();
    }

    private static long awaitCandidate(String blockId, int version) {
        return Awaitility.await()
                .until(
                        () ->
                                api.log().of(Topic.EVENTS, blockId).stream()
                                        .filter(PolicyProposed.class::isInstance)
                                        .map(PolicyProposed.class::cast)
                                        .filter(p ->
                                                p.binding()
                                                        .policyUri()
                                                        .equals("p:" + version + "-stable"))
                                        .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow()
                .version();
    }
}
