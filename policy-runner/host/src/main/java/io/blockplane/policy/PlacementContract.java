package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the two AIOSv1 placement policies are given and what they may answer. Pure.
 *
 * <p>A {@code resourceAllocator} is given an action and a payload; {@code allocation}, {@code
 * scale} and {@code reassignment} are answered by {@code {"node_id", "gpus"}}, {@code dry_run} by
 * {@code {"selection_score_data": {"score", "node_info"}}}. A {@code clusterAllocator} is given
 * {@code selection} with {@code filter_result}, answered by {@code {"clusters"}}, and then {@code
 * post_dry_run} with {@code clusters}, answered by one entry of them.
 */
public final class PlacementContract {

    private static final int MAX_SHOWN_CHARS = 80;

    private PlacementContract() {}

    /** What a policy is asked for. */
    public enum Action {
        DRY_RUN("dry_run"),
        ALLOCATION("allocation"),
        SCALE("scale"),
        REASSIGNMENT("reassignment"),
        SELECTION("selection"),
        POST_DRY_RUN("post_dry_run");

        private final String text;

        Action(String text) {
            this.text = text;
        }

        static @Nullable Action of(JsonNode input) {
            String text = input.path("action").asText("");
            for (Action action : values()) {
                if (action.text.equals(text)) {
                    return action;
                }
            }
            return null;
        }
    }

    /**
     * A place for an instance.
     *
     * @param nodeId not empty
     * @param gpus of the node, by number
     */
    public record Allocation(String nodeId, List<Integer> gpus) {
        public Allocation {
            gpus = List.copyOf(gpus);
        }
    }

    /**
     * The {@code input_data} of a {@code resourceAllocator}: the action stands in the payload too.
     */
    public static Json input(Action action, Json payload) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.put("action", action.text);
        ObjectNode copy = payload.object();
        copy.put("action", action.text);
        if (action == Action.SCALE) {
            copy.put("mode", "scale");
        }
        input.set("payload", copy);
        return Json.of(input);
    }

    /** The first {@code input_data} of a {@code clusterAllocator}. */
    public static Json selection(Json filterResult) {
        return cluster(Action.SELECTION, "filter_result", filterResult);
    }

    /** The second {@code input_data} of a {@code clusterAllocator}. */
    public static Json postDryRun(Json clusters) {
        return cluster(Action.POST_DRY_RUN, "clusters", clusters);
    }

    /** What is wrong with an answer: field, value, what was expected. */
    public static Optional<String> unusable(Json input, Json output) {
        JsonNode answer = output.node();
        Action action = Action.of(input.node());
        return switch (action) {
            case null -> Optional.empty();
            case DRY_RUN -> {
                JsonNode score = answer.path("selection_score_data").path("score");
                yield score.isNumber()
                        ? Optional.empty()
                        : fault("selection_score_data.score", score, "a number");
            }
            case ALLOCATION, SCALE, REASSIGNMENT -> unusableAllocation(answer);
            case SELECTION -> {
                JsonNode clusters = answer.path("clusters");
                yield clusters.isContainerNode()
                        ? Optional.empty()
                        : fault("clusters", clusters, "a list of clusters");
            }
            case POST_DRY_RUN ->
                    answer.isObject()
                            ? Optional.empty()
                            : fault("output", answer, "one entry of clusters");
        };
    }

    /** The place that a usable answer to {@code allocation}, {@code scale} or so names. */
    public static Allocation allocation(Json output) {
        JsonNode answer = output.node();
        List<Integer> gpus = new ArrayList<>();
        answer.path("gpus").forEach(gpu -> gpus.add(gpu.intValue()));
        return new Allocation(answer.path("node_id").textValue(), gpus);
    }

    private static Optional<String> unusableAllocation(JsonNode answer) {
        JsonNode node = answer.path("node_id");
        if (!node.isTextual() || node.textValue().isBlank()) {
            return fault("node_id", node, "the id of a node, not empty");
        }
        JsonNode gpus = answer.path("gpus");
        if (gpus.isMissingNode() || gpus.isNull()) {
            return Optional.empty();
        }
        if (!gpus.isArray()) {
            return fault("gpus", gpus, "a list of numbers");
        }
        for (JsonNode gpu : gpus) {
            if (!gpu.isIntegralNumber() || !gpu.canConvertToInt() || gpu.intValue() < 0) {
                return fault("gpus", gpu, "a list of numbers, at least 0");
            }
        }
        return Optional.empty();
    }

    private static Json cluster(Action action, String key, Json value) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.put("action", action.text);
        input.set(key, value.node());
        return Json.of(input);
    }

    private static Optional<String> fault(String field, JsonNode value, String expected) {
        String shown = value.isMissingNode() ? "missing" : value.toString();
        if (shown.length() > MAX_SHOWN_CHARS) {
            shown = shown.substring(0, MAX_SHOWN_CHARS) + "...";
        }
        return Optional.of("%s: %s (expected: %s)".formatted(field, shown, expected));
    }
}
