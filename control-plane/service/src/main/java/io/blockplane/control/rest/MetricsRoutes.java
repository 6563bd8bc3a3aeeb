package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.view.LastWindows;
import io.blockplane.events.EventJson;
import io.blockplane.windows.MetricsDocument;
import java.util.List;

/** The documents of a block's last window, as the metrics service of AIOSv1 has them. */
final class MetricsRoutes {

    private final LastWindows windows;

    MetricsRoutes(LastWindows windows) {
        this.windows = windows;
    }

    List<Route> routes() {
        return List.of(Route.get("/block/:id", this::documents));
    }

    /** A block that nothing is known of has none. */
    private Response documents(Request request) {
        ArrayNode documents = EventJson.MAPPER.createArrayNode();
        windows.of(request.parameter("id"))
                .map(MetricsDocument::of)
                .ifPresent(metrics -> {
                    for (JsonNode document : metrics.json().node().path("block_metrics")) {
                        documents.add(withKey(document));
                    }
                });
        return Response.success(documents);
    }

    private static JsonNode withKey(JsonNode document) {
        if (document instanceof ObjectNode object) {
            object.put(
                    "nodeKey",
                    document.path("instanceId").asText()
                            + "__"
                            + document.path("blockId").asText());
        }
        return document;
    }
}
