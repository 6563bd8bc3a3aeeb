package io.blockplane.replay.backtest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.Json;
import io.blockplane.llm.LlmEngine.Limits;
import io.blockplane.llm.ServiceTimes;
import io.blockplane.llm.TimingTable;
import io.blockplane.simulator.service.LlmService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models of language models from the settings of {@code llm-sim}. */
final class LlmModels {

    /** Requests that wait inside an {@code llm-sim} instance, at most: its threads. */
    private static final int WAITING = 256;

    private LlmModels() {}

    /**
     * What an instance with these settings does.
     *
     * @param overheadMs of connection and process, for each request
     * @throws IOException when their table can't be read
     */
    static LlmService of(Json settings, double overheadMs) throws IOException {
        ObjectNode given = settings.object();
        TimingTable table =
                given.has("table")
                        ? TimingTable.parse(
                                Files.readAllLines(Path.of(given.get("table").asText())))
                        : TimingTable.formula();
        if (table.setups().isEmpty()) {
            throw new IllegalArgumentException("table: no rows (expected: at least two)");
        }
        String setup = given.path("setup").asText(table.setups().getFirst());
        return new LlmService(
                ServiceTimes.fit(table, setup),
                limits(settings),
                given.path("speed").asDouble(1),
                overheadMs,
                "times by its table");
    }

    /** What an instance with these settings has room for. */
    static Limits limits(Json settings) {
        ObjectNode given = settings.object();
        Limits usual = Limits.DEFAULT;
        return new Limits(
                given.path("batch").asInt(usual.batch()),
                given.path("cache_tokens").asLong(usual.cacheTokens()),
                WAITING,
                given.path("jitter").asDouble(usual.jitter()));
    }
}
