package io.blockplane.control.component;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.component.OpenAiServers.Read;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiServersTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                                     | url: missing
                    {"url":null}                           | url: null
                    {"url":8000}                           | url: 8000
                    {"url":""}                             | url: ""
                    {"url":"localhost:8000/v1"}            | url: "localhost:8000/v1"
                    {"url":"ftp://host/v1"}                | url: "ftp://host/v1"
                    {"url":"http:///v1"}                   | url: "http:///v1"
                    {"url":"http://host:99999/v1"}         | url: "http://host:99999/v1"
                    {"url":"http://a b/v1"}                | url: "http://a b/v1"
                    {"url":"http://me:word@host/v1"}       | url: "http://me:word@host/v1"
                    {"url":"http://host/v1?key=1"}         | url: "http://host/v1?key=1"
                    {"urls":"http://host/v1"}              | urls: "http://host/v1"
                    {"urls":[]}                            | urls: []
                    {"urls":["http://host/v1","host"]}     | urls[1]: "host"
                    {"url":"http://h/v1","urls":["x"]}     | urls: ["x"]
                    """)
    void namesTheSettingThatIsWrong(String settings, String expected) {
        assertThat(OpenAiServers.read(Json.parse(settings)))
                .isInstanceOfSatisfying(
                        Read.Refused.class,
                        refused ->
                                assertThat(refused.message())
                                        .startsWith("initSettings." + expected + " (expected: "));
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8000/v1, http://127.0.0.1:8000/v1/models",
        "http://127.0.0.1:8000/v1/, http://127.0.0.1:8000/v1/models",
        "https://host/v1#meta/llama-3:8b, https://host/v1/models",
        "http://[::1]:8000/v1/#m, http://[::1]:8000/v1/models"
    })
    void asksAServerForItsModels(String url, String healthUrl) {
        OpenAiServers servers = servers("{\"url\":\"" + url + "\",\"storePredictions\":true}");

        assertThat(servers.next(List.of()))
                .isEqualTo(new InstanceAddress("openai", url, healthUrl));
    }

    @Test
    void givesEachInstanceTheServerThatTheFewestHave() {
        OpenAiServers servers = servers("{\"urls\":[\"http://a/v1\",\"http://b/v1\"]}");
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            taken.add(servers.next(taken).target());
        }
        assertThat(taken)
                .containsExactly("http://a/v1", "http://b/v1", "http://a/v1", "http://b/v1");
        assertThat(servers.next(List.of("http://a/v1", "http://a/v1")).target())
                .isEqualTo("http://b/v1");
    }

    private static OpenAiServers servers(String settings) {
        return switch (OpenAiServers.read(Json.parse(settings))) {
            case Read.Servers(OpenAiServers servers) -> servers;
            case Read.Refused refused -> throw new AssertionError(refused.message());
        };
    }
}
