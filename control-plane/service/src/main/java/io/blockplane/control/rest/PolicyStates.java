package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.core.BlockPolicy;
import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.EventJson;
import org.jspecify.annotations.Nullable;

/** The policies of a block for one thing, as JSON. */
final class PolicyStates {

    private PolicyStates() {}

    /** Every field is there; what there is not is null. */
    static ObjectNode document(BlockPolicy policy) {
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.set("active", binding(policy.active()));
        document.put("quarantined", policy.quarantined());
        document.set("shadow", binding(policy.shadow()));
        document.set("candidate", candidate(policy.candidate()));
        ArrayNode earlier = document.putArray("earlier");
        policy.earlier().forEach(each -> earlier.add(binding(each)));
        return document;
    }

    private static @Nullable ObjectNode candidate(@Nullable Candidate candidate) {
        if (candidate == null) {
            return null;
        }
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.put("candidate", candidate.version());
        document.put("stage", candidate.stage().name());
        document.set("binding", binding(candidate.binding()));
        return document;
    }

    private static @Nullable ObjectNode binding(@Nullable PolicyBinding binding) {
        if (binding == null) {
            return null;
        }
        ObjectNode document = EventJson.MAPPER.createObjectNode();
        document.put("policyRuleURI", binding.policyUri());
        document.set("parameters", binding.parameters().node());
        document.set("settings", binding.settings().node());
        return document;
    }
}
