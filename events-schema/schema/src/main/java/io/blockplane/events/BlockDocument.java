package io.blockplane.events;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The document of a block as AIOSv1 knows it: what {@code GET /blocks/{id}} answers and policies
 * get as {@code block_data}.
 */
public final class BlockDocument {

    /** The one cluster that a single-machine system has. */
    public static final Json LOCAL_CLUSTER = Json.parse("{\"id\":\"local\",\"config\":{}}");

    /** Its one node. */
    public static final String LOCAL_NODE = "local";

    private BlockDocument() {}

    /** A fresh tree; the caller may add to it. */
    public static ObjectNode of(BlockSpec spec) {
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.put("id", spec.blockId());
        document.put("componentUri", spec.componentUri());
        ObjectNode policies = document.putObject("policies");
        spec.policies()
                .forEach((name, binding) -> {
                    ObjectNode policy = policies.putObject(name);
                    policy.put("policyRuleURI", binding.policyUri());
                    policy.set("parameters", binding.parameters().node());
                    policy.set("settings", binding.settings().node());
                });
        document.set("cluster", LOCAL_CLUSTER.node());
        document.set("blockInitData", spec.blockInitData().node());
        document.set("initSettings", spec.initSettings().node());
        document.set("parameters", spec.parameters().node());
        document.put("minInstances", spec.minInstances());
        document.put("maxInstances", spec.maxInstances());
        return document;
    }
}
