package io.blockplane.replay;

import io.blockplane.events.PolicyDecided;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether a decision from the log has everything that its record promises. Reading tolerates fields
 * that are missing, a tool that mistrusts the log does not.
 */
final class WholeDecision {

    private WholeDecision() {}

    /** What is missing or impossible: field, value, what was expected; null when nothing is. */
    static @Nullable String fault(PolicyDecided decided) {
        Map<String, @Nullable Object> promised = new LinkedHashMap<>();
        promised.put("blockId", decided.blockId());
        promised.put("kind", decided.kind());
        promised.put("call", decided.call());
        promised.put("policy", decided.policy());
        promised.put("parameters", decided.parameters());
        promised.put("settings", decided.settings());
        promised.put("input", decided.input());
        promised.put("outcome", decided.outcome());
        promised.put("action", decided.action());
        promised.put("previousHash", decided.previousHash());
        for (Map.Entry<String, @Nullable Object> field : promised.entrySet()) {
            if (Objects.isNull(field.getValue())) {
                return field.getKey() + ": missing (expected: every decision has one)";
            }
        }
        if (decided.sequence() < 0) {
            return "sequence: " + decided.sequence() + " (expected: >= 0)";
        }
        if (decided.incarnation() < 1) {
            return "incarnation: " + decided.incarnation() + " (expected: >= 1)";
        }
        return null;
    }
}
