package io.blockplane.instances.llmsim;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.blockplane.llm.LlmEngine;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.llm.TimingTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * How the simulated server is: a JSON object of {@code table} (a CSV of timings; without one the
 * formula that comes along), {@code setup} (which of the table: {@code llama2-70b/a100-80gb/8};
 * without one the first), {@code batch}, {@code cache_tokens}, {@code jitter}, {@code seed}, {@code
 * speed} (10: ten times as fast as the model), {@code default_output_tokens}.
 */
record LlmSimSettings(
        ServiceTimes times,
        LlmEngine.Limits limits,
        long seed,
        double speed,
        int defaultOutputTokens) {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> KNOWN =
            Set.of(
                    "table",
                    "setup",
                    "batch",
                    "cache_tokens",
                    "jitter",
                    "seed",
                    "speed",
                    "default_output_tokens");

    LlmSimSettings {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("speed: " + speed + " (expected: > 0)");
        }
        if (defaultOutputTokens < 1) {
            throw new IllegalArgumentException(
                    "default_output_tokens: " + defaultOutputTokens + " (expected: >= 1)");
        }
    }

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException when they are not as said above; the message names the field
     * @throws IOException when the table can't be read
     */
    static LlmSimSettings parse(String text) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("settings: not JSON (expected: an object)", e);
        }
        if (!root.isObject()) {
            throw new IllegalArgumentException("settings: " + text + " (expected: an object)");
        }
        Set<String> unknown = new TreeSet<>();
        root.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KNOWN);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "settings: " + unknown + " (expected: " + new TreeSet<>(KNOWN) + ")");
        }
        TimingTable table =
                root.has("table")
                        ? TimingTable.parse(Files.readAllLines(Path.of(root.get("table").asText())))
                        : TimingTable.formula();
        LlmEngine.Limits usual = LlmEngine.Limits.DEFAULT;
        return new LlmSimSettings(
                ServiceTimes.fit(table, setup(root, table.setups())),
                new LlmEngine.Limits(
                        root.path("batch").asInt(usual.batch()),
                        root.path("cache_tokens").asLong(usual.cacheTokens()),
                        LlmSimInstance.THREADS,
                        root.path("jitter").asDouble(usual.jitter())),
                root.path("seed").asLong(1),
                root.path("speed").asDouble(1),
                root.path("default_output_tokens").asInt(64));
    }

    private static String setup(JsonNode root, List<String> setups) {
        if (setups.isEmpty()) {
            throw new IllegalArgumentException("table: no rows (expected: at least two)");
        }
        return root.path("setup").asText(setups.getFirst());
    }
}
