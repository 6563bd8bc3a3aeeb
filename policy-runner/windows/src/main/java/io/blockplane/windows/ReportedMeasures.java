package io.blockplane.windows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.Json;
import io.blockplane.events.WindowClosed.InstanceWindow;
import java.util.List;

/**
 * Adds what instances say of themselves to their documents. What was measured here counts more,
 * unless it is zero throughout: tokens, for one, can't be seen from here when the instance is an
 * AIOSv1 one.
 */
final class ReportedMeasures {

    private ReportedMeasures() {}

    /**
     * The metrics with what these instances say.
     *
     * @param metrics whose {@code block_metrics} begin with a document for each of them
     */
    static Json in(Json metrics, List<InstanceWindow> instances) {
        ObjectNode whole = metrics.object();
        for (int i = 0; i < instances.size(); i++) {
            Json reported = instances.get(i).reported();
            if (reported != null
                    && whole.path("block_metrics").path(i) instanceof ObjectNode document) {
                add(document, reported.object());
            }
        }
        return Json.of(whole);
    }

    private static void add(ObjectNode document, ObjectNode reported) {
        reported.properties()
                .forEach(said -> {
                    JsonNode measured = document.get(said.getKey());
                    if (measured == null || isZero(measured)) {
                        document.set(said.getKey(), said.getValue());
                    }
                });
    }

    private static boolean isZero(JsonNode measured) {
        return measured.isObject()
                && measured.properties().stream().allMatch(p -> p.getValue().asDouble() == 0);
    }
}
