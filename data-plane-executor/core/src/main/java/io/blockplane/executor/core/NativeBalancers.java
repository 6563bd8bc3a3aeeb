package io.blockplane.executor.core;

import io.blockplane.events.Json;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The balancers that come along, by uri, and what their parameters may be. */
public final class NativeBalancers {

    /** All of them begin so. */
    public static final String PREFIX = "builtin:";

    public static final Set<String> URIS =
            Set.of(
                    RoundRobin.URI,
                    LeastOutstanding.URI,
                    PowerOfTwo.URI,
                    SessionAffine.URI,
                    Prequal.URI,
                    OutstandingTokens.URI);

    private static final String PATH = "parameters";

    private NativeBalancers() {}

    /** What a uri and parameters lead to. */
    public sealed interface Made {

        record Ready(NativeBalancer balancer) implements Made {}

        /** Its field is {@code policyUri} or a path below {@code parameters}. */
        record Refused(Refusal refusal) implements Made {}
    }

    /** The balancer of a uri, tuned by a JSON object; what that does not name has its default. */
    public static Made of(String uri, Json parameters) {
        Parameters given = new Parameters(PATH, parameters);
        NativeBalancer balancer = read(uri, given);
        if (balancer == null) {
            return new Made.Refused(
                    new Refusal(
                            "policyUri", uri, "one of " + String.join(", ", new TreeSet<>(URIS))));
        }
        Refusal refusal = given.refusal();
        return refusal == null ? new Made.Ready(balancer) : new Made.Refused(refusal);
    }

    private static @Nullable NativeBalancer read(String uri, Parameters given) {
        return switch (uri) {
            case RoundRobin.URI -> new RoundRobin();
            case LeastOutstanding.URI -> new LeastOutstanding();
            case PowerOfTwo.URI -> new PowerOfTwo();
            case SessionAffine.URI ->
                    new SessionAffine(
                            given.number(
                                    "bound",
                                    SessionAffine.DEFAULT_BOUND,
                                    SessionAffine.MIN_BOUND,
                                    SessionAffine.MAX_BOUND),
                            given.whole(
                                    "least_capacity",
                                    SessionAffine.DEFAULT_LEAST_CAPACITY,
                                    1,
                                    SessionAffine.MAX_LEAST_CAPACITY));
            case Prequal.URI -> prequal(given);
            case OutstandingTokens.URI ->
                    new OutstandingTokens(
                            given.number(
                                    "bytes_per_token",
                                    OutstandingTokens.DEFAULT_BYTES_PER_TOKEN,
                                    0.1,
                                    1_000),
                            given.number(
                                    "expected_output_tokens",
                                    OutstandingTokens.DEFAULT_EXPECTED_OUTPUT_TOKENS,
                                    0,
                                    1_000_000),
                            given.number(
                                    "output_weight",
                                    OutstandingTokens.DEFAULT_OUTPUT_WEIGHT,
                                    0,
                                    1_000));
            default -> null;
        };
    }

    private static Prequal prequal(Parameters given) {
        return new Prequal(
                given.number("rif_quantile", Prequal.DEFAULT_RIF_QUANTILE, 0, 1),
                given.number(
                        "latency_tolerance",
                        Prequal.DEFAULT_LATENCY_TOLERANCE,
                        1,
                        Prequal.MAX_LATENCY_TOLERANCE),
                given.number(
                        "probes_per_request",
                        Prequal.DEFAULT_PROBES_PER_REQUEST,
                        0,
                        Prequal.MAX_PROBES_PER_REQUEST),
                given.millis(
                        "probe_max_age_ms",
                        Prequal.DEFAULT_PROBE_MAX_AGE,
                        Duration.ofMillis(10),
                        Duration.ofMinutes(1)),
                given.whole(
                        "probe_reuse", Prequal.DEFAULT_PROBE_REUSE, 1, Prequal.MAX_PROBE_REUSE));
    }
}
