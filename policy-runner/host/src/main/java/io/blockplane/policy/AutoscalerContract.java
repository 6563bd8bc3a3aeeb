package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an AIOSv1 autoscaler policy is given and what it may answer. Pure.
 *
 * <p>It answers {@code {"skip": true, "reason"}}, or {@code {"skip": false, "operation": "upscale",
 * "instances_count": n}}, or {@code {"skip": false, "operation": "downscale", "instances_list":
 * [ids]}}. Everything else is unusable and changes nothing.
 */
public final class AutoscalerContract {

    private static final int MAX_SHOWN_CHARS = 80;

    private AutoscalerContract() {}

    /**
     * What an answer means.
     *
     * @param action {@code NONE} when the answer is unusable
     * @param unusable what is wrong with it: field, value, what was expected; null when it is
     *     usable
     * @param notes why the action is not all that was said
     */
    public record Meaning(ScaleAction action, @Nullable String unusable, List<String> notes) {
        public Meaning {
            notes = List.copyOf(notes);
        }
    }

    /** The {@code input_data} of an evaluation. */
    public static Json input(Json blockData, Json clusterData, List<String> currentInstances) {
        ObjectNode input = EventJson.MAPPER.createObjectNode();
        input.set("block_data", blockData.node());
        input.set("cluster_data", clusterData.node());
        ArrayNode instances = input.putArray("current_instances");
        currentInstances.forEach(instances::add);
        return Json.of(input);
    }

    /** Reads an answer. */
    public static Meaning meaning(Json output) {
        if (!(output.node() instanceof ObjectNode answer)) {
            return unusable("output", output.node(), "an object with skip");
        }
        JsonNode skip = answer.path("skip");
        if (!skip.isBoolean()) {
            return unusable("skip", skip, "true or false");
        }
        if (skip.booleanValue()) {
            return new Meaning(ScaleAction.none(reason(answer)), null, List.of());
        }
        return switch (answer.path("operation").asText("")) {
            case "upscale" -> upscale(answer);
            case "downscale" -> downscale(answer);
            default -> unusable("operation", answer.path("operation"), "upscale or downscale");
        };
    }

    private static Meaning upscale(ObjectNode answer) {
        JsonNode count = answer.path("instances_count");
        if (!count.isIntegralNumber() || !count.canConvertToInt() || count.intValue() < 0) {
            return unusable("instances_count", count, "a whole number, at least 1");
        }
        List<String> notes = new ArrayList<>();
        if (answer.hasNonNull("allocation_data")) {
            notes.add(
                    "allocation_data: left out (expected: placement by the block's own policy,"
                            + " until allocation by an autoscaler is supported)");
        }
        if (count.intValue() == 0) {
            notes.add("instances_count: 0 (expected: at least 1), so nothing is to be done");
            return new Meaning(ScaleAction.none(reason(answer)), null, notes);
        }
        ScaleAction action =
                new ScaleAction(Operation.UPSCALE, count.intValue(), List.of(), reason(answer));
        return new Meaning(action, null, notes);
    }

    private static Meaning downscale(ObjectNode answer) {
        JsonNode list = answer.path("instances_list");
        if (!list.isArray()) {
            return unusable("instances_list", list, "a list of instance ids");
        }
        List<String> ids = new ArrayList<>();
        for (JsonNode id : list) {
            if (!id.isTextual() || id.textValue().isBlank()) {
                return unusable(
                        "instances_list[" + ids.size() + "]", id, "an instance id, not empty");
            }
            ids.add(id.textValue());
        }
        if (ids.isEmpty()) {
            return new Meaning(
                    ScaleAction.none(reason(answer)),
                    null,
                    List.of(
                            "instances_list: [] (expected: at least one), so nothing is to be"
                                    + " done"));
        }
        return new Meaning(
                new ScaleAction(Operation.DOWNSCALE, ids.size(), ids, reason(answer)),
                null,
                List.of());
    }

    private static @Nullable String reason(ObjectNode answer) {
        JsonNode reason = answer.path("reason");
        if (reason.isMissingNode() || reason.isNull()) {
            return null;
        }
        return reason.isTextual() ? reason.textValue() : reason.toString();
    }

    private static Meaning unusable(String field, JsonNode value, String expected) {
        String shown = value.isMissingNode() ? "missing" : value.toString();
        if (shown.length() > MAX_SHOWN_CHARS) {
            shown = shown.substring(0, MAX_SHOWN_CHARS) + "...";
        }
        return new Meaning(
                ScaleAction.none(null),
                "%s: %s (expected: %s)".formatted(field, shown, expected),
                List.of());
    }
}
