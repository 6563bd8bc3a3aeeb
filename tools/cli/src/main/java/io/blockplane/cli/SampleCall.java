package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.policy.Metrics;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.RecordedInputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A call of a policy that a test makes. */
sealed interface SampleCall {

    /** {@code eval} or {@code manage}. */
    String what();

    /** When it was made; null: it never was. */
    @Nullable Long atMs();

    PolicyDecided run(RecordedPolicy policy, long timeMs);

    /**
     * A decision.
     *
     * @param metrics what {@code get_metrics()} returns; null: as before the first window
     */
    record Eval(Json input, @Nullable Metrics metrics, @Nullable Long atMs) implements SampleCall {

        /** One that was never made. */
        Eval(Json input, @Nullable Metrics metrics) {
            this(input, metrics, null);
        }

        @Override
        public String what() {
            return "eval";
        }

        @Override
        public PolicyDecided run(RecordedPolicy policy, long timeMs) {
            return policy.eval(timeMs, input, metricsSource());
        }

        MetricsSource metricsSource() {
            return source(metrics);
        }

        /** The candidates that a balancer is given; one when it says nothing of them. */
        List<String> instances() {
            List<String> instances = new ArrayList<>();
            input.node().path("instances").forEach(each -> instances.add(each.asText()));
            return instances.isEmpty() ? List.of("in-0001") : List.copyOf(instances);
        }
    }

    /**
     * A management call.
     *
     * @param metrics as of {@link Eval}
     */
    record Manage(String action, Json data, @Nullable Metrics metrics, @Nullable Long atMs)
            implements SampleCall {

        @Override
        public String what() {
            return "manage";
        }

        @Override
        public PolicyDecided run(RecordedPolicy policy, long timeMs) {
            return policy.manage(timeMs, action, data, metricsSource());
        }

        MetricsSource metricsSource() {
            return source(metrics);
        }
    }

    private static MetricsSource source(@Nullable Metrics metrics) {
        return metrics == null ? MetricsSource.NONE : () -> metrics;
    }

    /**
     * The calls of a file: one of these or a list of them. {@code {"input_data", "metrics"?}},
     * {@code {"manage": {"action", "data"?}}}, a recorded decision ({@code "call"} and {@code
     * "input"} in it), or an {@code input_data} as it is. None when there is no file.
     */
    static List<SampleCall> read(AuthoredPolicy policy, @Nullable Path file) throws IOException {
        Optional<Path> from = file == null ? policy.sample() : Optional.of(file);
        List<SampleCall> calls = new ArrayList<>();
        if (from.isPresent()) {
            JsonNode content = JsonArgument.read("--input", "@" + from.get()).node();
            if (content.isArray()) {
                content.forEach(each -> of(each).ifPresent(calls::add));
            } else {
                of(content).ifPresent(calls::add);
            }
        }
        return calls;
    }

    private static Optional<SampleCall> of(JsonNode call) {
        if (call.has("call") && call.has("input")) {
            return recorded(call.path("call").asText(), call.path("input"));
        }
        if (call.has("manage")) {
            return Optional.of(manage(call.path("manage"), null, null));
        }
        if (call.has("input_data")) {
            JsonNode metrics = call.get("metrics");
            return Optional.of(
                    new Eval(
                            Json.of(call.path("input_data")),
                            metrics == null ? null : new Metrics(null, Json.of(metrics))));
        }
        return Optional.of(new Eval(Json.of(call), null));
    }

    private static Optional<SampleCall> recorded(String call, JsonNode input) {
        return switch (call) {
            case "EVAL" -> Optional.of(new Eval(Json.of(input), null));
            case "MANAGE" -> Optional.of(manage(input, null, null));
            default -> Optional.empty();
        };
    }

    private static Manage manage(JsonNode call, @Nullable Metrics metrics, @Nullable Long atMs) {
        JsonNode data = call.get("data");
        return new Manage(
                call.path("action").asText(),
                data == null ? Json.EMPTY_OBJECT : Json.of(data),
                metrics,
                atMs);
    }

    /**
     * The calls that a block's policy of this kind got in an exported log.
     *
     * @param blockId null: the one block that has such a policy
     */
    static List<SampleCall> recorded(Path export, PolicyKind kind, @Nullable String blockId)
            throws IOException {
        RecordedInputs recorded = RecordedInputs.read(LogSource.file(export), kind.kind());
        recorded.unreadable().forEach(finding -> System.err.println(finding.text()));
        if (recorded.blocks().isEmpty()) {
            throw new IOException(
                    "--recorded: %s has no decision of a policy of kind %s (expected: some)"
                            .formatted(export, kind));
        }
        String block = blockId;
        if (block == null && recorded.blocks().size() == 1) {
            block = recorded.blocks().first();
        }
        if (block == null || !recorded.blocks().contains(block)) {
            throw new IOException(
                    "--block: %s (expected: one of %s)"
                            .formatted(
                                    block == null ? "none" : block,
                                    String.join(", ", recorded.blocks())));
        }
        return recorded.of(block).stream().map(SampleCall::of).toList();
    }

    private static SampleCall of(RecordedInputs.Input recorded) {
        return recorded.call() == PolicyDecided.Call.MANAGE
                ? manage(recorded.input().node(), recorded.metrics(), recorded.timeMs())
                : new Eval(recorded.input(), recorded.metrics(), recorded.timeMs());
    }

    /**
     * What the policy is told of its block: what its first input says of it, or next to nothing.
     */
    static Json surroundings(List<SampleCall> calls) {
        ObjectNode surroundings = EventJson.MAPPER.createObjectNode();
        surroundings.putObject("block_data").put("id", "test");
        surroundings.putObject("cluster_data").put("id", "local");
        for (SampleCall call : calls) {
            if (call instanceof Eval(Json input, _, _) && input.node().isObject()) {
                for (String name : List.of("block_data", "cluster_data")) {
                    if (input.node().path(name).isObject()) {
                        surroundings.set(name, input.node().path(name));
                    }
                }
                break;
            }
        }
        return Json.of(surroundings);
    }
}
