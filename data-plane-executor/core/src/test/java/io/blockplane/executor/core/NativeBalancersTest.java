package io.blockplane.executor.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class NativeBalancersTest {

    @ParameterizedTest
    @FieldSource("io.blockplane.executor.core.NativeBalancers#URIS")
    void makesEachByItsUriWithoutParameters(String uri) {
        assertThat(NativeBalancers.of(uri, Json.EMPTY_OBJECT))
                .isInstanceOfSatisfying(
                        NativeBalancers.Made.Ready.class,
                        made -> assertThat(made.balancer().uri()).isEqualTo(uri));
    }

    @Test
    void readsParameters() {
        assertThat(
                        NativeBalancers.of(
                                Prequal.URI,
                                Json.parse(
                                        "{\"rif_quantile\":0.84,\"latency_tolerance\":1,\"probes_per_request\":3,"
                                            + "\"probe_max_age_ms\":500,\"probe_reuse\":7}")))
                .isEqualTo(
                        new NativeBalancers.Made.Ready(
                                new Prequal(0.84, 1, 3, Duration.ofMillis(500), 7)));
        assertThat(
                        NativeBalancers.of(
                                SessionAffine.URI,
                                Json.parse("{\"bound\":2,\"least_capacity\":1}")))
                .isEqualTo(new NativeBalancers.Made.Ready(new SessionAffine(2, 1)));
        assertThat(NativeBalancers.of(OutstandingTokens.URI, Json.parse("{\"output_weight\":10}")))
                .isEqualTo(new NativeBalancers.Made.Ready(new OutstandingTokens(4, 128, 10)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "builtin:nonsense | {} | policyUri: builtin:nonsense (expected: one of"
                        + " builtin:least-outstanding, builtin:outstanding-tokens,"
                        + " builtin:power-of-two, builtin:prequal, builtin:round-robin,"
                        + " builtin:session-affine)",
                "builtin:prequal | {\"rif_quantile\":1.5} | parameters.rif_quantile: 1.5 (expected:"
                        + " a number from 0 to 1)",
                "builtin:prequal | {\"rif_quantile\":\"0.5\"} | parameters.rif_quantile: \"0.5\""
                        + " (expected: a number from 0 to 1)",
                "builtin:prequal | {\"probe_reuse\":1.5} | parameters.probe_reuse: 1.5 (expected: a"
                        + " whole number from 1 to 10000)",
                "builtin:session-affine | {\"bound\":1} | parameters.bound: 1 (expected: a number"
                        + " from 1.01 to 100)",
                "builtin:session-affine | {\"bond\":2} | parameters.bond: 2 (expected: one of"
                        + " bound, least_capacity)",
                "builtin:round-robin | {\"x\":null} | parameters.x: null (expected: no parameters)",
                "builtin:round-robin | [] | parameters: [] (expected: a JSON object)"
            })
    void refusesWhatItCanNotUse(String uri, String parameters, String message) {
        assertThat(NativeBalancers.of(uri, Json.parse(parameters)))
                .isInstanceOfSatisfying(
                        NativeBalancers.Made.Refused.class,
                        refused -> assertThat(refused.refusal().message()).isEqualTo(message));
    }

    @Test
    void readsProtectionOutOfTheSettingsAndLeavesTheOthersAlone() {
        assertThat(Protection.of(Json.parse("{\"lanes\":2}")))
                .isEqualTo(new Protection.Read.Settings(Protection.DEFAULT));
        assertThat(Protection.of(Json.parse("{\"protection\":{\"max_queued\":5}}")))
                .isInstanceOfSatisfying(
                        Protection.Read.Settings.class,
                        read -> assertThat(read.protection().maxQueued()).isEqualTo(5));
        assertThat(Protection.of(Json.parse("{\"protection\":{\"eject_consecutive_failures\":1}}")))
                .isEqualTo(
                        new Protection.Read.Refused(
                                new Refusal(
                                        "settings.protection.eject_consecutive_failures",
                                        "1",
                                        "a whole number from 2 to 1000")));
    }
}
