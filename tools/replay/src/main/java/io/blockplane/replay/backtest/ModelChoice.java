package io.blockplane.replay.backtest;

import io.blockplane.events.Json;
import io.blockplane.simulator.service.Demand;
import io.blockplane.simulator.service.LlmFit;
import io.blockplane.simulator.service.PlacesService;
import io.blockplane.simulator.service.ServiceModel;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is to stand for the instances: {@code fitted} (the batching engine, fitted to the block's
 * own log), {@code llm} (the same engine by a table of timings), {@code empirical} (recorded
 * service times), {@code constant:MS}, {@code exponential:MS}.
 *
 * @param settings of {@code llm-sim}: table, setup, batch, cache_tokens, jitter, speed
 * @param overheadMs for each request, of {@code llm}
 * @param places of an instance, for the last three
 */
public record ModelChoice(String text, Json settings, double overheadMs, int places) {

    private static final String EXPECTED = "fitted, llm, empirical, constant:MS or exponential:MS";

    /**
     * Makes it.
     *
     * @param block null when nothing was recorded
     */
    ServiceModel model(@Nullable RecordedBlock block) throws IOException {
        int colon = text.indexOf(':');
        String kind = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
        return switch (kind) {
            case "fitted" -> LlmFit.of(observed(block), LlmModels.limits(settings));
            case "llm" -> LlmModels.of(settings, overheadMs);
            case "empirical" ->
                    new PlacesService(places, Demand.Empirical.of(recordedNanos(block)));
            case "constant" -> new PlacesService(places, new Demand.Constant(seconds(colon)));
            case "exponential" -> new PlacesService(places, new Demand.Exponential(seconds(colon)));
            default -> throw wrong();
        };
    }

    /** The same with other settings where none were given. */
    ModelChoice orSettings(Json others) {
        return settings.equals(Json.EMPTY_OBJECT)
                ? new ModelChoice(text, others, overheadMs, places)
                : this;
    }

    private List<LlmFit.Observed> observed(@Nullable RecordedBlock block) {
        return RecordedWorkload.observed(recorded(block));
    }

    private List<Long> recordedNanos(@Nullable RecordedBlock block) {
        return recorded(block).tasks().stream()
                .filter(t -> t.instanceId() != null && t.reason() == null)
                .map(t -> t.serviceUs() * 1_000)
                .toList();
    }

    private RecordedBlock recorded(@Nullable RecordedBlock block) {
        if (block == null) {
            throw new IllegalArgumentException(
                    "model: %s needs a recorded log (expected: llm, constant:MS or exponential:MS)"
                            .formatted(text));
        }
        return block;
    }

    private double seconds(int colon) {
        try {
            if (colon >= 0) {
                return Double.parseDouble(text.substring(colon + 1)) / 1e3;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong();
    }

    private IllegalArgumentException wrong() {
        return new IllegalArgumentException("model: %s (expected: %s)".formatted(text, EXPECTED));
    }
}
