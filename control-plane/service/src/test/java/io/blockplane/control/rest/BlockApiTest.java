package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.Http.Answer;
import io.blockplane.control.core.InstanceIds;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks over HTTP on a real log, without instances. */
class BlockApiTest {

    @TempDir static Path folder;
    static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi(folder);
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    @Test
    void createsABlockThatIsThenShownAsItsUsersKnowIt() throws Exception {
        Answer created =
                api.post(
                        "/api/createBlock",
                        RunningApi.block(
                                "shown",
                                "\"parameters\":{\"a\":1.5},",
                                "\"name\":\"loadBalancer\""));
        assertThat(created.status()).as(created.body().toString()).isEqualTo(200);
        assertThat(created.data().path("version").asInt()).isEqualTo(1);
        Answer shown = api.get("/blocks/shown");
        assertThat(shown.status()).isEqualTo(200);
        ObjectNode document = (ObjectNode) shown.body();
        assertThat(document.remove("version").asInt()).isBetween(1, 2);
        assertThat(document.toString())
                .isEqualTo(
                        """
                        {"id":"shown","componentUri":"test",\
                        "policies":{"loadBalancer":{"policyRuleURI":"builtin:least-outstanding",\
                        "parameters":{},"settings":{}}},\
                        "cluster":{"id":"local","config":{}},\
                        "blockInitData":{},"initSettings":{},"parameters":{"a":1.5},\
                        "minInstances":1,"maxInstances":3,\
                        "policyStates":{"loadBalancer":{"active":{\
                        "policyRuleURI":"builtin:least-outstanding","parameters":{},\
                        "settings":{}},"quarantined":false,"shadow":null,"candidate":null,\
                        "earlier":[]}},\
                        "instances":[{"instanceId":"%s","state":"REQUESTED","generation":1,\
                        "address":null}]}\
                        """
                                .formatted(InstanceIds.of("shown", 1)));
        assertThat(api.get("/blocks").body().findValuesAsText("id")).contains("shown");
    }

    @Test
    void answersTheSameKeyWithWhatTheFirstRequestDid() throws Exception {
        String body = RunningApi.block("keyed", "", "");
        Answer first = api.post("/api/createBlock", body, "Idempotency-Key", "key-1");
        Answer again = api.post("/api/createBlock", body, "Idempotency-Key", "key-1");
        assertThat(again).isEqualTo(first);
        assertThat(api.post("/api/createBlock", body).status()).isEqualTo(409);
        String up = "{\"operation\":\"upscale\",\"instances_count\":1}";
        Answer scaled = api.post("/blocks/keyed/scale", up, "Idempotency-Key", "key-2");
        assertThat(scaled.data().path("after").asInt()).isEqualTo(2);
        assertThat(api.post("/blocks/keyed/scale", up, "Idempotency-Key", "key-2"))
                .isEqualTo(scaled);
        Answer reused = api.post("/blocks/keyed/scale", up, "Idempotency-Key", "key-1");
        assertThat(reused.status()).isEqualTo(400);
        assertThat(reused.error().path("field").asText()).isEqualTo("Idempotency-Key");
    }

    @Test
    void namesABlockThatItsUserDidNot() throws Exception {
        String body = RunningApi.block("x", "", "").replace("\"blockId\":\"x\",", "");
        Answer first = api.post("/api/createBlock", body, "Idempotency-Key", "nameless");
        assertThat(first.data().path("blockId").asText()).matches("blk-[a-z0-9]{8}");
        assertThat(api.post("/api/createBlock", body, "Idempotency-Key", "nameless"))
                .isEqualTo(first);
    }

    @Test
    void scalesAndSaysWhatWasCut() throws Exception {
        api.post("/api/createBlock", RunningApi.block("cut", "", ""));
        Answer up =
                api.post(
                        "/blocks/cut/scale",
                        "{\"operation\":\"upscale\",\"instances_count\":7,\"reason\":\"test\"}");
        assertThat(up.data().path("after").asInt()).isEqualTo(3);
        assertThat(up.data().path("clamps").path(0).path("limit").asText())
                .isEqualTo("maxInstances");
        Answer down =
                api.post(
                        "/blocks/cut/scale",
                        "{\"operation\":\"downscale\",\"instances_list\":[\"%s\"]}"
                                .formatted(InstanceIds.of("cut", 2)));
        assertThat(down.data().path("removed").path(0).asText())
                .isEqualTo(InstanceIds.of("cut", 2));
    }

    @ParameterizedTest(name = "{0} {3}")
    @MethodSource("badRequests")
    void saysWhatIsWrongWithARequest(
            String path,
            String body,
            int status,
            String code,
            String field,
            @Nullable String message)
            throws Exception {
        Answer answer = api.post(path, body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(status);
        assertThat(answer.body().path("success").asBoolean(true)).isFalse();
        assertThat(answer.error().path("code").asText()).isEqualTo(code);
        assertThat(answer.error().path("field").asText("")).isEqualTo(field);
        if (message != null) {
            assertThat(answer.message()).isEqualTo(message);
        }
    }

    static Stream<Arguments> badRequests() {
        String create = "/api/createBlock";
        String values = "body.spec.values.";
        String rule = values + "policyRulesSpec[0].values.";
        return Stream.of(
                bad(create, "{", "NOT_JSON", "", null),
                bad(create, "{\"a\":1,\"a\":2}", "NOT_JSON", "", null),
                bad(create, "[]", "INVALID", "(body)", "[] (expected: a JSON object)"),
                bad(create, "", "INVALID", "(body)", "missing (expected: a JSON object)"),
                bad(create, "{}", "INVALID", "body", "missing (expected: a JSON object)"),
                bad(
                        create,
                        "{\"body\":{\"spec\":3}}",
                        "INVALID",
                        "body.spec",
                        "3 (expected: a JSON object)"),
                bad(
                        create,
                        with("\"minInstances\":1", "\"minInstances\":-1"),
                        "INVALID",
                        values + "minInstances",
                        "-1 (expected: 0 to 1000)"),
                bad(
                        create,
                        with("\"minInstances\":1", "\"minInstances\":\"1\""),
                        "INVALID",
                        values + "minInstances",
                        "\"1\" (expected: a whole number)"),
                bad(
                        create,
                        with("\"minInstances\":1", "\"minInstances\":1.5"),
                        "INVALID",
                        values + "minInstances",
                        "1.5 (expected: a whole number)"),
                bad(
                        create,
                        with("\"maxInstances\":3", "\"maxInstances\":99999999999"),
                        "INVALID",
                        values + "maxInstances",
                        "99999999999 (expected: a whole number)"),
                bad(
                        create,
                        with("\"maxInstances\":3", "\"maxInstances\":0"),
                        "INVALID",
                        values + "maxInstances",
                        "0 (expected: 1 to 1000, not below minInstances)"),
                bad(
                        create,
                        with("\"blockId\":\"bad\"", "\"blockId\":\"Bad_1\""),
                        "INVALID",
                        values + "blockId",
                        "\"Bad_1\" (expected: 1 to 63 of [a-z0-9-], beginning and ending with"
                                + " [a-z0-9])"),
                bad(
                        create,
                        with("\"test\"", "\"unheard-of\""),
                        "INVALID",
                        values + "blockComponentURI",
                        "\"unheard-of\" (expected: one of [openai:, test])"),
                bad(
                        create,
                        with("\"test\"", "\"openai:\""),
                        "INVALID",
                        values + "initSettings.url",
                        "missing (expected: http(s)://host[:port]/v1[#model], at most 2048"
                                + " characters, without user and query)"),
                bad(
                        create,
                        with(
                                "\"test\"",
                                "\"openai:\",\"initSettings\":{\"urls\":[\"ftp://host\"]}"),
                        "INVALID",
                        values + "initSettings.urls[0]",
                        null),
                bad(
                        create,
                        with("\"blockInitData\":{}", "\"blockInitData\":[1]"),
                        "INVALID",
                        values + "blockInitData",
                        "[1] (expected: a JSON object)"),
                bad(
                        create,
                        with("\"blockInitData\"", "\"blockInitDatum\""),
                        "INVALID",
                        values + "blockInitDatum",
                        "{} (expected: one of [blockComponentURI, blockId, blockInitData,"
                                + " initSettings, maxInstances, minInstances, parameters,"
                                + " policyRulesSpec])"),
                bad(
                        create,
                        with("\"name\":\"loadBalancer\"", "\"nome\":\"loadBalancer\""),
                        "INVALID",
                        rule + "name",
                        "missing (expected: the name of what the policy steers)"),
                bad(
                        create,
                        with("\"name\":\"loadBalancer\"", "\"name\":\"load balancer\""),
                        "INVALID",
                        rule + "name",
                        "\"load balancer\" (expected: a name of 1 to 63 of [A-Za-z0-9_], beginning"
                                + " with a letter)"),
                bad(
                        create,
                        with(
                                "\"policyRuleURI\":\"builtin:least-outstanding\"",
                                "\"policyRuleURI\":\"builtin:prequal\",\"parameters\":{\"rif_quantile\":2}"),
                        "INVALID",
                        "policies.loadBalancer.parameters.rif_quantile",
                        "2 (expected: a number from 0 to 1)"),
                bad(
                        create,
                        with("builtin:least-outstanding", "nobodys:1.0-stable"),
                        "INVALID",
                        rule + "policyRuleURI",
                        "\"nobodys:1.0-stable\" (expected: the uri of a registered policy)"),
                bad(
                        create,
                        with(
                                "\"policyRulesSpec\":[",
                                "\"policyRulesSpec\":[{\"values\":{\"name\":\"loadBalancer\","
                                        + "\"policyRuleURI\":\"builtin:least-outstanding\"}},"),
                        "INVALID",
                        values + "policyRulesSpec[1].values.name",
                        "\"loadBalancer\" (expected: a name that stands here once)"),
                Arguments.of(
                        "/blocks/none/scale",
                        "{\"operation\":\"upscale\",\"instances_count\":1}",
                        404,
                        "UNKNOWN_BLOCK",
                        "id",
                        "Block not found"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badScales")
    void saysWhatIsWrongWithAScaleRequest(String body, String field, String message)
            throws Exception {
        api.post(
                "/api/createBlock",
                RunningApi.block("scaled", "", ""),
                "Idempotency-Key",
                "scaled");
        Answer answer = api.post("/blocks/scaled/scale", body);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
        assertThat(answer.error().path("field").asText()).isEqualTo(field);
        assertThat(answer.message()).isEqualTo(field + ": " + message);
    }

    static Stream<Arguments> badScales() {
        return Stream.of(
                Arguments.of("{}", "operation", "missing (expected: upscale or downscale)"),
                Arguments.of(
                        "{\"operation\":\"scale\"}",
                        "operation",
                        "\"scale\" (expected: upscale or downscale)"),
                Arguments.of(
                        "{\"operation\":\"upscale\"}",
                        "instances_count",
                        "missing (expected: a whole number)"),
                Arguments.of(
                        "{\"operation\":\"upscale\",\"instances_count\":0}",
                        "instances_count",
                        "0 (expected: 1 to 1000)"),
                Arguments.of(
                        "{\"operation\":\"downscale\",\"instances_list\":[]}",
                        "instances_list",
                        "[] (expected: 1 to 1000 instance ids)"),
                Arguments.of(
                        "{\"operation\":\"downscale\",\"instances_list\":[\"in-a\",2]}",
                        "instances_list[1]",
                        "2 (expected: a text)"),
                Arguments.of(
                        "{\"operation\":\"upscale\",\"instances_count\":1,\"cuont\":2}",
                        "cuont",
                        "2 (expected: one of [instances_count, operation])"));
    }

    @Test
    void refusesWhatIsNoRequestOfThisApi() throws Exception {
        assertThat(api.get("/nothing").error().path("code").asText()).isEqualTo("NO_SUCH_PATH");
        assertThat(api.post("/policies", "{}").status()).isEqualTo(405);
        Answer form =
                api.http()
                        .raw(
                                "/api/createBlock",
                                "application/x-www-form-urlencoded",
                                "{}".getBytes(StandardCharsets.UTF_8));
        assertThat(form.status()).isEqualTo(415);
        assertThat(form.message())
                .isEqualTo(
                        "Content-Type: application/x-www-form-urlencoded (expected:"
                                + " application/json)");
        Answer large = api.post("/api/createBlock", "{\"a\":\"" + "x".repeat(1024 * 1024) + "\"}");
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.message()).isEqualTo("the body has more than 1048576 bytes");
        Answer key = api.post("/api/createBlock", "{}", "Idempotency-Key", "not a key");
        assertThat(key.message())
                .isEqualTo(
                        "Idempotency-Key: \"not a key\" (expected: 1 to 128 of [A-Za-z0-9._:-])");
        assertThat(api.get("/blocks/none").body().path("message").asText())
                .isEqualTo("Block not found");
        assertThat(api.get("/health").data().path("status").asText()).isEqualTo("healthy");
    }

    private static Arguments bad(
            String path, String body, String code, String field, @Nullable String rest) {
        return Arguments.of(
                path, body, 400, code, field, rest == null ? null : field + ": " + rest);
    }

    private static String with(String find, String replace) {
        String body = RunningApi.block("bad", "\"blockInitData\":{},", "\"name\":\"loadBalancer\"");
        assertThat(body).contains(find);
        return body.replace(find, replace);
    }
}
