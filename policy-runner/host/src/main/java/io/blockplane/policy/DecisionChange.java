package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.ScaleAction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What another policy decides on the inputs of a recorded decision, beside what was decided. */
public final class DecisionChange {

    /** Where policies explain themselves: part of no effect. */
    private static final List<String> EXPLANATIONS = List.of("reason", "message");

    private DecisionChange() {}

    /**
     * Whether the same follows from both: of an autoscaler the same action, of all others the same
     * answer, whatever the reasons are that they give.
     */
    public static boolean sameEffect(PolicyDecided recorded, PolicyDecided candidate) {
        return effect(recorded).equals(effect(candidate));
    }

    /** What follows from a decision, in a few words. */
    public static String effect(PolicyDecided decided) {
        if (decided.kind() == Kind.SCALE) {
            return effect(decided.action());
        }
        if (decided.outcome() != Outcome.RETURNED) {
            return decided.outcome().name();
        }
        Json output = decided.output();
        return output == null ? "nothing" : withoutExplanations(output);
    }

    /** The reason that a decision gives; empty when it gives none. */
    public static String reason(PolicyDecided decided) {
        if (decided.error() != null) {
            return decided.error();
        }
        String ofAction = decided.action().reason();
        if (ofAction != null) {
            return ofAction;
        }
        @Nullable Json output = decided.output();
        JsonNode reason = output == null ? null : output.node().path("reason");
        return reason == null || !reason.isTextual() ? "" : reason.textValue();
    }

    /**
     * In one line: which decision, what was recorded, what it would be.
     *
     * @param at when it was taken, as text
     */
    public static String text(String at, PolicyDecided recorded, PolicyDecided candidate) {
        return "%s (%s): recorded %s, would be %s"
                .formatted(recorded.id(), at, shown(recorded), shown(candidate));
    }

    private static String shown(PolicyDecided decided) {
        String reason = reason(decided);
        return effect(decided) + (reason.isEmpty() ? "" : " (" + reason + ")");
    }

    private static String effect(ScaleAction action) {
        return action.operation()
                + (action.instanceIds().isEmpty()
                        ? action.count() == 0 ? "" : " " + action.count()
                        : " " + action.instanceIds());
    }

    private static String withoutExplanations(Json output) {
        JsonNode node = output.node();
        if (node instanceof ObjectNode object) {
            object.remove(EXPLANATIONS);
        }
        return node.toString();
    }
}
