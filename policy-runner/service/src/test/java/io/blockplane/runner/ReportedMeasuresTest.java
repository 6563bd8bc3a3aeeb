package io.blockplane.runner;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.InstanceReported;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import io.blockplane.windows.BlockWindows;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an instance says of itself, seen by its block's policy. */
@ExtendWith(SharedLog.class)
class ReportedMeasuresTest {

    private static final String GPU =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]

                def eval(self, parameters, input_data, context):
                    for document in self.get_metrics()["block_metrics"]:
                        if document["instanceId"] in input_data["current_instances"]:
                            busy = document["llm_gpu_utilization_rolling"]["average_1m"]
                            return {"skip": True, "reason": "gpu %.1f, queue %d" % (
                                busy, document["my_queue"])}

                def management(self, action, data):
                    return {}
            """;

    private static LogUnderTest log;

    @BeforeAll
    static void take(LogUnderTest shared) {
        log = shared;
    }

    @Test
    void anInstancesOwnMeasuresReachTheRunningPolicyOfItsBlock() throws Exception {
        log.publish("gpu:1.0-stable", GPU);
        log.create("tells", Map.of("autoscaler", "gpu:1.0-stable"));
        try (RunnerRole runner = log.runner("tells")) {
            WindowClosed window = windowAfterAReport();
            log.append(WindowClosed.id("tells", window.asOfMs()), window);
            log.awaitEvaluationAt("tells", Kind.SCALE, null, 2);
            assertThat(runner.failure()).isNull();
        }
        PolicyDecided decided = log.decided("tells", Kind.SCALE, null).getLast();
        assertThat(decided.call()).isEqualTo(Call.EVAL);
        assertThat(decided.action().reason()).isEqualTo("gpu 87.5, queue 3");
    }

    private static WindowClosed windowAfterAReport() {
        BlockWindows windows = new BlockWindows("tells");
        windows.apply(tick(0));
        windows.apply(
                new InstanceReported(
                        "tells",
                        "in-aaaa",
                        LogUnderTest.T0 + 500,
                        Json.parse(
                                """
                                {"llm_gpu_utilization_rolling": {"current": 90, "average_1m": 87.5},
                                 "my_queue": 3}
                                """)));
        List<WindowClosed> closed = windows.apply(tick(2));
        return closed.getLast();
    }

    private static Ticked tick(int second) {
        return new Ticked(
                "tells",
                "test",
                LogUnderTest.T0 + second * 1000L,
                0,
                List.of(new InstanceLoad("in-aaaa", 0)));
    }
}
