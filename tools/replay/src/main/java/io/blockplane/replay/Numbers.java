package io.blockplane.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The numbers in a JSON value, and the value with one of them changed. */
final class Numbers {

    /** Times are no measurements. */
    private static final Set<String> TIMES = Set.of("timestamp");

    private Numbers() {}

    /**
     * One of them.
     *
     * @param steps names and indexes that lead to it
     * @param path the same for people
     */
    record Place(List<Object> steps, String path, double value, boolean integral) {}

    static List<Place> in(Json value) {
        List<Place> places = new ArrayList<>();
        collect(value.node(), List.of(), "", places);
        return places;
    }

    /** The value with another number in a place; an integer stays one, rounded away from it. */
    static Json with(Json value, Place place, double number) {
        JsonNode root = value.node();
        JsonNode parent = root;
        for (Object step : place.steps.subList(0, place.steps.size() - 1)) {
            parent = step instanceof Integer index ? parent.get(index) : parent.get((String) step);
        }
        JsonNode changed =
                place.integral
                        ? EventJson.MAPPER.getNodeFactory().numberNode(rounded(place, number))
                        : EventJson.MAPPER.getNodeFactory().numberNode(number);
        Object last = place.steps.getLast();
        if (last instanceof Integer index) {
            ((ArrayNode) parent).set(index, changed);
        } else {
            ((ObjectNode) parent).set((String) last, changed);
        }
        return Json.of(root);
    }

    /** What stands there then. */
    static double written(Place place, double number) {
        return place.integral ? rounded(place, number) : number;
    }

    private static long rounded(Place place, double number) {
        return (long) (number > place.value ? Math.ceil(number) : Math.floor(number));
    }

    private static void collect(
            JsonNode node, List<Object> steps, String path, List<Place> places) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> member : node.properties()) {
                if (!TIMES.contains(member.getKey())) {
                    collect(
                            member.getValue(),
                            and(steps, member.getKey()),
                            path.isEmpty() ? member.getKey() : path + "." + member.getKey(),
                            places);
                }
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                JsonNode name = node.get(i).path("instanceId");
                String index = name.isTextual() ? name.textValue() : Integer.toString(i);
                collect(node.get(i), and(steps, i), path + "[" + index + "]", places);
            }
        } else if (node.isNumber()) {
            places.add(new Place(steps, path, node.doubleValue(), node.isIntegralNumber()));
        }
    }

    private static List<Object> and(List<Object> steps, Object step) {
        List<Object> longer = new ArrayList<>(steps);
        longer.add(step);
        return List.copyOf(longer);
    }
}
