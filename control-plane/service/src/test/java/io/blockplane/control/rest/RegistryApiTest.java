package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.Http;
import io.blockplane.control.Http.Answer;
import io.blockplane.events.PolicyEvent.PolicyDeleted;
import io.blockplane.events.Topic;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the registry keeps: versions that never change, and what their schemas say. */
class RegistryApiTest {

    private static final String PARAMETERS_SCHEMA =
            """
            {"type":"object","additionalProperties":false,"properties":{\
            "cooldown_seconds":{"type":"number","minimum":0},\
            "limits":{"type":"array","items":{"type":"integer"}}}}\
            """;

    @TempDir static Path folder;
    static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi(folder);
        api.http()
                .upload(".", "p.zip", Http.zip("code/function.py", "class AIOSv1PolicyRule: pass"));
        register("bound", "1");
        register("bound", "2");
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void putsOnlyWhatIsThereAlready() throws Exception {
        register("fixed", "1");
        String entry = entry("fixed", "1");
        Answer same = api.http().put("/policy/fixed:1-stable", entry);
        assertThat(same.status()).as(same.body().toString()).isEqualTo(200);
        assertThat(same.data().path("created").asBoolean(true)).isFalse();
        Answer other =
                api.http().put("/policy/fixed:1-stable", entry.replace("\"ai\"", "\"other\""));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.message())
                .isEqualTo(
                        "fixed:1-stable is registered with another entry; a version never changes:"
                                + " register another one");
        Answer renamed = api.http().put("/policy/fixed:1-stable", entry("fixed", "2"));
        assertThat(renamed.status()).isEqualTo(409);
        assertThat(renamed.message())
                .startsWith("the entry is one of fixed:2-stable, not of fixed:1-stable");
        assertThat(api.http().put("/policy/fixed:3-stable", entry("fixed", "3")).status())
                .isEqualTo(404);
    }

    @Test
    void deletesWhatNobodyUsesAndNeverGivesItsNameAgain() throws Exception {
        register("used", "1");
        assertThat(api.post("/blocks", block("user", "used:1-stable", "{}")).status())
                .isEqualTo(200);
        Answer inUse = api.http().delete("/policy/used:1-stable");
        assertThat(inUse.status()).isEqualTo(409);
        assertThat(inUse.message()).isEqualTo("used:1-stable is used by autoscaler of block user");

        register("gone", "1");
        String sha256 = api.get("/policy/gone:1-stable").data().path("archive_sha256").asText();
        Answer deleted = api.http().delete("/policy/gone:1-stable");
        assertThat(deleted.status()).as(deleted.body().toString()).isEqualTo(200);
        assertThat(api.log().of(Topic.POLICIES, "deleted/gone:1-stable"))
                .contains(new PolicyDeleted("gone:1-stable", sha256));
        assertThat(api.get("/policy/gone:1-stable").message())
                .isEqualTo("Policy not found: deleted.");
        assertThat(api.http().delete("/policy/gone:1-stable").status()).isEqualTo(404);
        Answer again = api.post("/policy", entry("gone", "1"));
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.error().path("code").asText()).isEqualTo("POLICY_DELETED");
        assertThat(api.http().bytes("/archives/" + sha256)).isNotEmpty();
    }

    @Test
    void findsEntriesByAFilter() throws Exception {
        Answer found =
                api.post(
                        "/policy/query",
                        "{\"name\":\"bound\",\"version\":{\"$in\":[\"2\",\"3\"]}}");
        assertThat(found.status()).as(found.body().toString()).isEqualTo(200);
        assertThat(found.data().findValuesAsText("policy_rule_uri"))
                .containsExactly("bound:2-stable");
        Answer refused = api.post("/policy/query", "{\"$where\":\"1\"}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.message())
                .isEqualTo("$where: \"$where\" (expected: a field, or one of [$and, $nor, $or])");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badValues")
    void refusesBadValuesAtTheirPath(String values, String path, String message) throws Exception {
        Answer refused = api.post("/blocks", block("refused", "bound:1-stable", values));
        assertThat(refused.status()).as(refused.body().toString()).isEqualTo(400);
        assertThat(refused.error().path("field").asText()).isEqualTo(path);
        assertThat(refused.message()).isEqualTo(path + ": " + message);
    }

    static Stream<Arguments> badValues() {
        String schema = " (expected: what policy_parameters_schema says)";
        return Stream.of(
                Arguments.of(
                        "{\"cooldown_seconds\":-1}",
                        "policies.autoscaler.parameters.cooldown_seconds",
                        "must have a minimum value of 0" + schema),
                Arguments.of(
                        "{\"cooldown_seconds\":\"60\"}",
                        "policies.autoscaler.parameters.cooldown_seconds",
                        "string found, number expected" + schema),
                Arguments.of(
                        "{\"limits\":[1,\"x\"]}",
                        "policies.autoscaler.parameters.limits[1]",
                        "string found, integer expected" + schema),
                Arguments.of(
                        "{\"cooldwon\":1}",
                        "policies.autoscaler.parameters",
                        "property 'cooldwon' is not defined in the schema and the schema does not"
                                + " allow additional properties"
                                + schema),
                Arguments.of(
                        "{},\"settings\":{\"intervalSeconds\":0}",
                        "policies.autoscaler.settings.intervalSeconds",
                        "0 (expected: a number of seconds above 0)"),
                Arguments.of(
                        "{},\"settings\":{\"intervalSeconds\":\"5\"}",
                        "policies.autoscaler.settings.intervalSeconds",
                        "\"5\" (expected: a number of seconds above 0)"));
    }

    @Test
    void checksWhatIsProposedToo() throws Exception {
        api.post("/blocks", block("proposing", "bound:1-stable", "{}"));
        Answer refused =
                api.post(
                        "/blocks/proposing/policies/autoscaler/activate",
                        "{\"policy_rule_uri\":\"bound:2-stable\","
                                + "\"parameters\":{\"cooldown_seconds\":-3}}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error().path("field").asText())
                .isEqualTo("policies.autoscaler.parameters.cooldown_seconds");
        Answer balancer =
                api.post(
                        "/blocks/proposing/policies/loadBalancer/activate",
                        "{\"policy_rule_uri\":\"builtin:fastest\"}");
        assertThat(balancer.message())
                .isEqualTo(
                        "policy_rule_uri: \"builtin:fastest\" (expected: one of"
                                + " [builtin:least-outstanding, builtin:outstanding-tokens,"
                                + " builtin:power-of-two, builtin:prequal, builtin:round-robin,"
                                + " builtin:session-affine])");
    }

    @Test
    void saysWhatTakesThePlaceOfTheRegistrysValues() throws Exception {
        Answer created =
                api.post(
                        "/blocks",
                        block(
                                "overriding",
                                "bound:1-stable",
                                "{\"cooldown_seconds\":5,\"limits\":[1]},"
                                        + "\"settings\":{\"get_metrics\":1,\"own\":2}"));
        assertThat(created.status()).as(created.body().toString()).isEqualTo(200);
        assertThat(created.data().path("overrides").toString())
                .isEqualTo(
                        """
                        [{"path":"policies.autoscaler.parameters.cooldown_seconds",\
                        "replaced":60,"by":"block"},\
                        {"path":"policies.autoscaler.settings.get_metrics",\
                        "replaced":1,"by":"host"}]\
                        """);
    }

    @Test
    void takesEveryFormOfArchiveAndSaysWhichRequirementItHasNot() throws Exception {
        SortedMap<String, String> files = new TreeMap<>();
        files.put("code/function.py", "import numpy");
        files.put("code/requirements.txt", "requests>=2\nnumpy==1.26\n");
        Answer refused = api.http().upload(".", "n.zip", Http.zip(files));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.message())
                .startsWith("file: n.zip: requirements.txt: numpy (expected: built in: requests;");
    }

    private static void register(String name, String version) throws Exception {
        Answer registered = api.post("/policy", entry(name, version));
        assertThat(registered.status()).as(registered.body().toString()).isEqualTo(200);
    }

    private static String entry(String name, String version) {
        return PolicyApiTest.policy(name, version, "p.zip")
                .replace(
                        "\"policy_parameters_schema\":{}",
                        "\"policy_parameters_schema\":" + PARAMETERS_SCHEMA)
                .replace(
                        "\"policy_parameters\":{}",
                        "\"policy_parameters\":{\"cooldown_seconds\":60}");
    }

    private static String block(String id, String uri, String parameters) {
        return RunningApi.block(id, "", "\"name\":\"autoscaler\",\"parameters\":" + parameters)
                .replace("builtin:least-outstanding", uri);
    }
}
