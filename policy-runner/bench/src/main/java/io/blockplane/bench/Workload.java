package io.blockplane.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.WindowStats.Rolling;
import io.blockplane.policy.Metrics;
import io.blockplane.windows.MetricsDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What is measured.
 *
 * @param source of the policy
 * @param instances ids
 * @param count evaluations in a round
 */
record Workload(
        String name, Kind kind, String source, int count, List<String> instances, Json input) {

    private static final Json PARAMETERS = Json.parse("{\"high\":1000000,\"low\":0}");

    static Workload balancer() {
        return new Workload(
                "session-cache balancer, 64 sessions, 8 instances",
                Kind.ROUTE,
                resource("session_cache.py"),
                20_000,
                ids(8),
                Json.EMPTY_OBJECT);
    }

    static Workload autoscaler(int instances, int count) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.putObject("block_data").put("id", "bench");
        input.putObject("cluster_data").put("id", "local");
        ArrayNode ids = input.putArray("current_instances");
        ids(instances).forEach(ids::add);
        return new Workload(
                "token autoscaler, %,d instances".formatted(instances),
                Kind.SCALE,
                resource("token_autoscaler.py"),
                count,
                ids(instances),
                Json.of(input));
    }

    static Workload health() {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.putObject("block_data").put("id", "bench");
        input.putObject("cluster_data").put("id", "local");
        ObjectNode checks = input.putObject("health_check_data");
        ObjectNode pods = input.putObject("instances");
        for (String id : ids(8)) {
            checks.put(id, !id.endsWith("3"));
            pods.putObject(id)
                    .putObject("status")
                    .put("pod_ip", "10.0.0.1")
                    .put("phase", "Running");
        }
        return new Workload(
                "health counter, 8 instances",
                Kind.HEALTH,
                resource("health_counter.py"),
                1_000,
                ids(8),
                Json.of(input));
    }

    Json parameters() {
        return PARAMETERS;
    }

    /** The window that closes at a tick; each tick's numbers are others, all of them. */
    WindowClosed window(long tick) {
        SplittableRandom random = new SplittableRandom(tick);
        List<InstanceWindow> windows =
                instances.stream().map(id -> new InstanceWindow(id, stats(random))).toList();
        return new WindowClosed("bench", tick, 0, 0, 0, stats(random), windows);
    }

    /** What {@code get_metrics()} returns at a tick. */
    Metrics metrics(long tick) {
        return metrics(window(tick));
    }

    static Metrics metrics(WindowClosed window) {
        return new Metrics(
                WindowClosed.id(window.blockId(), window.asOfMs()), MetricsDocument.of(window));
    }

    /** For CPython. */
    ObjectNode task() {
        ObjectNode task = EventJson.MAPPER.createObjectNode();
        task.put("kind", kind.name());
        task.put("source", source);
        task.put("count", count);
        task.set("parameters", PARAMETERS.node());
        task.put("metrics", metrics(1).document().json().text());
        task.put("input", input.text());
        ArrayNode ids = task.putArray("instances");
        instances.forEach(ids::add);
        return task;
    }

    static String resource(String name) {
        try (InputStream stream = Workload.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("resource " + name + " (expected: on class path)");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static List<String> ids(int count) {
        return IntStream.range(0, count).mapToObj("in-%04d"::formatted).toList();
    }

    private static WindowStats stats(SplittableRandom random) {
        return new WindowStats(
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random),
                rolling(random));
    }

    private static Rolling rolling(SplittableRandom random) {
        return new Rolling(
                random.nextInt(1_000_000) / 1e3,
                random.nextInt(1_000_000) / 1e3,
                random.nextInt(1_000_000) / 1e3,
                random.nextInt(1_000_000) / 1e3);
    }
}
