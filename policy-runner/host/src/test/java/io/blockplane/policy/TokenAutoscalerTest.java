package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The example policy, from its folder to its decisions. */
@ExtendWith(SharedEngine.class)
class TokenAutoscalerTest {

    private static final Path EXAMPLE = Path.of("../../examples/policies/token-autoscaler");

    private record Load(String instance, int in, int out) {}

    @Test
    void decidesTheThreeDocumentedCases(PolicyEngine engine) throws IOException {
        assertThat(decide(engine, new Load("instance-1", 600, 200)))
                .satisfies(action -> {
                    assertThat(action.operation()).isEqualTo(Operation.UPSCALE);
                    assertThat(action.count()).isEqualTo(1);
                });
        assertThat(decide(engine, new Load("instance-1", 50, 20), new Load("instance-2", 40, 10)))
                .satisfies(action -> {
                    assertThat(action.operation()).isEqualTo(Operation.DOWNSCALE);
                    assertThat(action.instanceIds()).containsExactly("instance-2");
                });
        assertThat(decide(engine, new Load("instance-1", 200, 100)))
                .isEqualTo(ScaleAction.none("No scaling action required."));
    }

    @Test
    void holdsItsCooldownByLogicalTimeUntilItIsReset(PolicyEngine engine) throws IOException {
        try (PolicyLine line = line(engine)) {
            Load busy = new Load("a", 600, 0);
            assertThat(decide(line, 0, busy).operation()).isEqualTo(Operation.UPSCALE);
            assertThat(decide(line, 120_000, busy).reason()).isEqualTo("Cooldown active.");
            assertThat(decide(line, 120_001, busy).operation()).isEqualTo(Operation.UPSCALE);
            assertThat(decide(line, 121_000, busy).operation()).isEqualTo(Operation.NONE);
            PolicyDecided reset =
                    line.manage(122_000, "reset_cooldown", Json.EMPTY_OBJECT, MetricsSource.NONE)
                            .getLast();
            assertThat(reset.output()).asString().contains("\"status\":\"ok\"");
            assertThat(decide(line, 122_000, busy).operation()).isEqualTo(Operation.UPSCALE);
            assertThat(decide(line, 400_000, new Load("a", 0, 0)).reason())
                    .as("the last one stays")
                    .isEqualTo("No scaling action required.");
        }
    }

    private static ScaleAction decide(PolicyEngine engine, Load... loads) throws IOException {
        try (PolicyLine line = line(engine)) {
            return decide(line, 0, loads);
        }
    }

    private static ScaleAction decide(PolicyLine line, long afterMs, Load... loads) {
        ObjectNode metrics = EventJson.MAPPER.createObjectNode();
        var documents = metrics.putArray("block_metrics");
        for (Load load : loads) {
            ObjectNode document = documents.addObject().put("instanceId", load.instance);
            document.putObject("llm_input_tokens_per_minute_rolling").put("average_1m", load.in);
            document.putObject("llm_output_tokens_per_minute_rolling").put("average_1m", load.out);
        }
        String[] ids = List.of(loads).stream().map(Load::instance).toArray(String[]::new);
        PolicyDecided decision =
                line.eval(
                                Policies.NOON + afterMs,
                                Policies.instances(ids),
                                () -> new Metrics("win-1", Json.of(metrics)))
                        .getLast();
        assertThat(decision.error()).isNull();
        assertThat(decision.fallbacks()).isEmpty();
        return decision.action();
    }

    private static PolicyLine line(PolicyEngine engine) throws IOException {
        PolicyAssignment assignment =
                Policies.assignment(engine, PolicyArchive.pack(EXAMPLE).orElseThrow());
        return PolicyLine.start(engine, assignment, Policies.LIMITS);
    }
}
