package io.blockplane.windows;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;

/**
 * What {@code get_metrics()} returns to a policy: one document an instance, by id, and one of the
 * block as a whole under the name that AIOSv1 policies know it by. Runner and replay both build it
 * here, from the window record that the decision names.
 */
public final class MetricsDocument {

    /** The {@code instanceId} of the document with the block's own measures. */
    public static final String BLOCK_AS_INSTANCE = "executor";

    /** Of a block that has no window yet. */
    public static final Json NO_WINDOW = document(EventJson.MAPPER.createArrayNode());

    private MetricsDocument() {}

    public static Json of(WindowClosed window) {
        ArrayNode documents = EventJson.MAPPER.createArrayNode();
        for (InstanceWindow instance : window.instances()) {
            documents.add(measures(window, instance.instanceId(), instance.stats()));
        }
        documents.add(measures(window, BLOCK_AS_INSTANCE, window.block()));
        return document(documents);
    }

    private static ObjectNode measures(WindowClosed window, String instanceId, WindowStats stats) {
        ObjectNode document =
                EventJson.MAPPER
                        .createObjectNode()
                        .put("blockId", window.blockId())
                        .put("instanceId", instanceId)
                        .put("nodeId", "local")
                        .put("type", "app")
                        .put("timestamp", window.asOfMs() / 1e3);
        EventJson.MAPPER
                .valueToTree(stats)
                .properties()
                .forEach(measure -> document.set(measure.getKey(), measure.getValue()));
        return document;
    }

    private static Json document(ArrayNode blockMetrics) {
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.set("block_metrics", blockMetrics);
        ObjectNode cluster = document.putObject("cluster_metrics");
        cluster.putObject("cluster_metrics");
        cluster.putArray("node_metrics");
        return Json.of(document);
    }
}
