package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import java.util.Optional;

/**
 * What an AIOSv1 load balancer is given beside the routing of a packet. Pure. Three of its
 * management actions are evaluations in a mode of their own, the others are calls of {@code
 * management}.
 */
public final class RoutingContract {

    private static final String MODE = "mode";

    private RoutingContract() {}

    /** The {@code input_data} of a management action that is an evaluation. */
    public static Optional<Json> evaluated(String action, Json data) {
        ObjectNode input = EventJson.MAPPER.createObjectNode().put(MODE, action);
        return switch (action) {
            case "estimate" -> Optional.of(Json.of(input));
            case "check_execute" -> Optional.of(Json.of(input.set("inputs", data.node())));
            case "health_check" -> {
                input.putObject("inputs");
                yield Optional.of(Json.of(input));
            }
            default -> Optional.empty();
        };
    }
}
