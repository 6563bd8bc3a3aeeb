package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.blockplane.events.EventJson;
import java.util.List;

/** Fields by paths as {@code metadata.owner.name}. A step into a list goes into each element. */
final class DottedPath {

    private DottedPath() {}

    /** The values at a path, none when there is no such field. A list there is one value. */
    static ArrayNode find(JsonNode document, List<String> steps) {
        ArrayNode found = EventJson.MAPPER.createArrayNode();
        find(document, steps, found);
        return found;
    }

    private static void find(JsonNode at, List<String> steps, ArrayNode found) {
        if (steps.isEmpty()) {
            found.add(at);
            return;
        }
        String step = steps.getFirst();
        List<String> rest = steps.subList(1, steps.size());
        if (at.isObject()) {
            JsonNode next = at.get(step);
            if (next != null) {
                find(next, rest, found);
            }
        } else if (at.isArray()) {
            if (step.matches("[0-9]{1,9}") && at.has(Integer.parseInt(step))) {
                find(at.get(Integer.parseInt(step)), rest, found);
            }
            for (JsonNode element : at) {
                if (element.isObject()) {
                    find(element, steps, found);
                }
            }
        }
    }
}
