package io.blockplane.control.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.Http;
import io.blockplane.control.Http.Answer;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.Topic;
import io.blockplane.policy.format.PolicyArchive;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies and archives over HTTP on a real log. */
class PolicyApiTest {

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
    void registersAPolicyWhoseArchiveWasUploaded() throws Exception {
        byte[] archive = Http.zip("code/function.py", "class AIOSv1PolicyRule: pass");
        Answer uploaded = api.http().upload(".", "scaler.zip", archive);
        assertThat(uploaded.status()).as(uploaded.body().toString()).isEqualTo(200);
        String sha256 = uploaded.data().path("sha256").asText();
        assertThat(sha256).isEqualTo(DecisionChain.sha256(archive));
        assertThat(uploaded.data().path("path").asText()).isEqualTo("scaler.zip");
        assertThat(uploaded.data().path("size").asInt()).isEqualTo(archive.length);
        String url = uploaded.data().path("url").asText();
        assertThat(api.http().bytes(url.substring(api.url().length()))).isEqualTo(archive);
        assertThat(api.http().upload(".", "scaler.zip", archive)).isEqualTo(uploaded);

        int registeredCodes = 0;
        for (String code :
                List.of(
                        "scaler.zip",
                        "http://elsewhere:32555/scaler.zip",
                        url,
                        "sha256:" + sha256)) {
            String version = "1." + registeredCodes++;
            Answer registered = api.post("/policy", policy("scaler", version, code));
            assertThat(registered.status()).as(registered.body().toString()).isEqualTo(200);
            assertThat(registered.data().path("archive_sha256").asText()).isEqualTo(sha256);
            assertThat(registered.data().path("created").asBoolean()).isTrue();
        }
        Answer created =
                api.post(
                        "/api/createBlock",
                        RunningApi.block("with-policy", "", "\"name\":\"autoscaler\"")
                                .replace("builtin:least-outstanding", "scaler:1.0-stable"));
        assertThat(created.status()).as(created.body().toString()).isEqualTo(200);
        try (Stream<Path> left = Files.list(folder.resolve("control/uploads"))) {
            assertThat(left).as("files of uploads").isEmpty();
        }
    }

    @Test
    void neverChangesAVersion() throws Exception {
        api.http().upload("policies/", "fixed.zip", Http.zip("code/function.py", "one = 1"));
        String entry = policy("fixed", "1.0", "policies/fixed.zip");
        Answer first = api.post("/policy", entry);
        assertThat(first.data().path("policy_rule_uri").asText()).isEqualTo("fixed:1.0-stable");
        Answer again = api.post("/policy", reordered(entry));
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.data().path("created").asBoolean(true)).isFalse();

        Answer other = api.post("/policy", entry.replace("\"ai\"", "\"other\""));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.error().path("code").asText()).isEqualTo("POLICY_EXISTS");
        assertThat(other.message()).contains("another entry");

        api.http().upload("policies/", "fixed.zip", Http.zip("code/function.py", "two = 2"));
        Answer otherCode = api.post("/policy", entry);
        assertThat(otherCode.status()).isEqualTo(409);
        assertThat(otherCode.message()).contains("another archive");

        assertThat(api.get("/policy/fixed:1.0-stable").data().path("tags").asText())
                .isEqualTo("ai");
        assertThat(api.get("/policies").data().findValuesAsText("policy_rule_uri"))
                .contains("fixed:1.0-stable");
        assertThat(api.get("/policy/fixed:2.0-stable").status()).isEqualTo(404);
        assertThat(api.log().of(Topic.POLICIES, "policy/fixed:1.0-stable")).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPolicies")
    void saysWhatIsWrongWithAPolicy(String find, String replace, String field, String message)
            throws Exception {
        api.http().upload(".", "good.zip", Http.zip("code/function.py", "x = 1"));
        String entry = policy("good", "1.0", "good.zip");
        Answer answer = api.post("/policy", entry.replace(find, replace));
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
        assertThat(answer.error().path("field").asText()).isEqualTo(field);
        assertThat(answer.message()).isEqualTo(field + ": " + message);
    }

    static Stream<Arguments> badPolicies() {
        String part = "(expected: 1 to 80 of [A-Za-z0-9._-], beginning with a letter or digit)";
        String code = "(expected: sha256:<hex>, or the path or url of an uploaded archive)";
        return Stream.of(
                Arguments.of("\"tags\"", "\"tag\"", "tags", "missing (expected: any value)"),
                Arguments.of("\"1.0\"", "\"1 0\"", "version", "\"1 0\" " + part),
                Arguments.of("\"1.0\"", "1.0", "version", "1.0 " + part),
                Arguments.of(
                        "\"good\"",
                        "\"builtin\"",
                        "name",
                        "\"builtin\" (expected: another name: this one is taken)"),
                Arguments.of("good.zip", "gone.zip", "code", "\"gone.zip\" " + code),
                Arguments.of("good.zip", "sha256:00", "code", "\"sha256:00\" " + code),
                Arguments.of(
                        "good.zip",
                        "http://x/other.zip",
                        "code",
                        "http://x/other.zip was not uploaded here, and nothing is fetched: what"
                                + " stands at a URL may change, and a version never does. Upload"
                                + " the file with POST /upload and name its path"),
                Arguments.of(
                        "\"policy_input_schema\":{}",
                        "\"policy_input_schema\":{\"type\":\"objekt\"}",
                        "policy_input_schema",
                        "$.type: does not have a value in the enumeration"
                                + " [\"array\", \"boolean\", \"integer\", \"null\", \"number\","
                                + " \"object\", \"string\"] (expected: a JSON Schema)"),
                Arguments.of(
                        "\"policy_parameters_schema\":{}",
                        "\"policy_parameters_schema\":{\"required\":[\"high\"]}",
                        "policy_parameters",
                        "required property 'high' not found (expected: what"
                                + " policy_parameters_schema says)"),
                Arguments.of(
                        "\"policy_settings\":{}",
                        "\"policy_settings\":3",
                        "policy_settings",
                        "3 (expected: a JSON object)"));
    }

    @Test
    void refusesAnArchiveThatIsNone() throws Exception {
        Answer garbage =
                api.http().upload(".", "a.zip", "garbage".getBytes(StandardCharsets.UTF_8));
        assertThat(garbage.status()).isEqualTo(400);
        assertThat(garbage.error().path("code").asText()).isEqualTo("BAD_ARCHIVE");
        assertThat(garbage.message())
                .startsWith("file: a.zip: archive: neither zip nor tar (expected: a zip, tar.xz,");
        assertThat(api.http().upload(".", "a.zip", Http.zip("function.py", "")).message())
                .contains("code/function.py");
        assertThat(
                        api.http()
                                .upload("../up.zip", "a.zip", Http.zip("code/function.py", ""))
                                .message())
                .startsWith("path: \"../up.zip + a.zip\" (expected: a relative path");
        Answer large =
                api.http()
                        .upload(
                                ".",
                                "a.zip",
                                new byte[PolicyArchive.MAX_COMPRESSED_BYTES + 128 * 1024]);
        assertThat(large.status()).isEqualTo(413);
        Answer nothing =
                api.http()
                        .raw(
                                "/upload",
                                "multipart/form-data; boundary=edge",
                                "--edge--\r\n".getBytes(StandardCharsets.UTF_8));
        assertThat(nothing.message()).isEqualTo("file: missing (expected: one file)");
        assertThat(api.get("/archives/00").status()).isEqualTo(404);
    }

    @Test
    void takesAnArchiveOfTheLargestSize() throws Exception {
        byte[] noise = new byte[PolicyArchive.MAX_COMPRESSED_BYTES];
        new SplittableRandom(7).nextBytes(noise);
        byte[] archive = Http.stored("code/function.py", noise, PolicyArchive.MAX_COMPRESSED_BYTES);
        assertThat(archive).hasSize(PolicyArchive.MAX_COMPRESSED_BYTES);
        Answer uploaded = api.http().upload("big.zip", "x", archive);
        assertThat(uploaded.status()).as(uploaded.body().toString()).isEqualTo(200);
        assertThat(api.http().bytes("/archives/" + DecisionChain.sha256(archive)))
                .isEqualTo(archive);
    }

    static String policy(String name, String version, String code) {
        return """
        {"name":"%s","version":"%s","release_tag":"stable","metadata":{},"tags":"ai",\
        "code":"%s","code_type":"zip","type":"policy","policy_input_schema":{},\
        "policy_output_schema":{},"policy_settings_schema":{},"policy_parameters_schema":{},\
        "policy_settings":{},"policy_parameters":{},"description":"","functionality_data":{},\
        "resource_estimates":{}}\
        """
                .formatted(name, version, code);
    }

    private static String reordered(String entry) throws Exception {
        ObjectNode node = (ObjectNode) EventJson.MAPPER.readTree(entry);
        var name = node.remove("name");
        node.set("name", name);
        return node.toString();
    }
}
