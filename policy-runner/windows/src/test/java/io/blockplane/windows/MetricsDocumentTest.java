package io.blockplane.windows;

import static io.blockplane.windows.Histories.task;
import static io.blockplane.windows.Histories.tick;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowClosed.InstanceWindow;
import io.blockplane.events.WindowStats;
import io.blockplane.events.document.Document;
import org.junit.jupiter.api.Test;

class MetricsDocumentTest {

    private static final long T0 = 1_700_000_000_000L;

    @Test
    void hasADocumentForEachInstanceByIdAndThenTheBlocksOwn() {
        BlockWindows windows = new BlockWindows("b");
        windows.apply(task("b", T0, "in-b"));
        windows.apply(tick("b", T0, 1, new InstanceLoad("in-a", 2)));
        WindowClosed window = windows.apply(tick("b", T0 + 1_500, 0)).getFirst();

        JsonNode documents = MetricsDocument.of(window).json().node().get("block_metrics");
        assertThat(documents).hasSize(3);
        assertThat(documents)
                .extracting(d -> d.get("instanceId").asText())
                .containsExactly("in-a", "in-b", "executor");
        JsonNode block = documents.get(2);
        assertThat(block.get("blockId").asText()).isEqualTo("b");
        assertThat(block.get("nodeId").asText()).isEqualTo("local");
        assertThat(block.get("type").asText()).isEqualTo("app");
        assertThat(block.get("timestamp").isDouble()).isTrue();
        assertThat(block.get("timestamp").doubleValue()).isEqualTo(1_700_000_001.0);
        assertThat(block.get("llm_output_tokens_per_minute_rolling").toString())
                .isEqualTo(
                        "{\"current\":120.0,\"average_1m\":20.0,\"average_5m\":4.0,"
                                + "\"average_15m\":1.3333333333333333}");
        assertThat(block.fieldNames())
                .toIterable()
                .containsExactly(
                        "blockId",
                        "instanceId",
                        "nodeId",
                        "type",
                        "timestamp",
                        "tasks_processed",
                        "fps",
                        "errors",
                        "latency",
                        "latency_p50",
                        "latency_p95",
                        "latency_p99",
                        "queue_time",
                        "llm_inference_duration_rolling",
                        "llm_input_tokens_per_minute_rolling",
                        "llm_output_tokens_per_minute_rolling",
                        "queue_length");
    }

    @Test
    void isTheSameToTheByteFromAWindowThatWasWrittenAndReadAgain() {
        for (int seed = 0; seed < 5; seed++) {
            BlockWindows windows = new BlockWindows("b");
            Histories.of("b", seed, 40).stream()
                    .flatMap(event -> windows.apply(event).stream())
                    .forEach(window -> {
                        WindowClosed read =
                                EventJson.decode(WindowClosed.class, EventJson.encode(window));
                        Document document = MetricsDocument.of(window);
                        assertThat(MetricsDocument.of(read)).isEqualTo(document);
                        assertThat(document.digest()).isEqualTo(MetricsDocument.of(read).digest());
                        assertThat(document.json()).isEqualTo(asTree(window));
                        assertThat(Json.parse(document.json().text())).isEqualTo(document.json());
                    });
        }
    }

    /** The same by Jackson, from the records' own names: how it was made at first. */
    private static Json asTree(WindowClosed window) {
        ObjectNode whole = EventJson.MAPPER.createObjectNode();
        ArrayNode documents = whole.putArray("block_metrics");
        for (InstanceWindow instance : window.instances()) {
            documents.add(measures(window, instance.instanceId(), instance.stats()));
        }
        documents.add(measures(window, MetricsDocument.BLOCK_AS_INSTANCE, window.block()));
        ObjectNode cluster = whole.putObject("cluster_metrics");
        cluster.putObject("cluster_metrics");
        cluster.putArray("node_metrics");
        return Json.of(whole);
    }

    private static ObjectNode measures(WindowClosed window, String id, WindowStats stats) {
        ObjectNode document =
                EventJson.MAPPER
                        .createObjectNode()
                        .put("blockId", window.blockId())
                        .put("instanceId", id)
                        .put("nodeId", "local")
                        .put("type", "app")
                        .put("timestamp", window.asOfMs() / 1e3);
        document.setAll((ObjectNode) EventJson.MAPPER.valueToTree(stats));
        return document;
    }

    /** Recorded decisions hold it: another way to take the document apart would not be theirs. */
    @Test
    void hasTheDigestThatIsRecorded() {
        BlockWindows windows = new BlockWindows("b");
        windows.apply(tick("b", T0, 1, new InstanceLoad("in-a", 2)));
        WindowClosed window = windows.apply(tick("b", T0 + 1_500, 0)).getFirst();

        assertThat(MetricsDocument.of(window).digest())
                .isEqualTo("c7fc6dc770a129f17468b6eb0a72f9dd128de3ca06d0227b4e2cb163cd39f4ae");
    }

    @Test
    void hasNoDocumentsBeforeTheFirstWindow() {
        assertThat(MetricsDocument.NO_WINDOW.json().text())
                .isEqualTo(
                        "{\"block_metrics\":[],\"cluster_metrics\":"
                                + "{\"cluster_metrics\":{},\"node_metrics\":[]}}");
    }

    @Test
    void whatAnInstanceSaysIsInItsDocumentUnlessItWasMeasuredHere() {
        Json said =
                Json.parse(
                        """
                        {"my_gauge":7,"type":"hardware","latency":{"average_1m":99},
                         "llm_output_tokens_per_minute_rolling":{"average_1m":5}}
                        """);
        BlockWindows windows = new BlockWindows("b");
        windows.apply(tick("b", T0, 0, new InstanceLoad("in-a", 0), new InstanceLoad("in-b", 0)));
        windows.apply(task("b", T0, "in-a"));
        windows.apply(new TaskEvent.InstanceReported("b", "in-a", T0 + 100, said));
        windows.apply(new TaskEvent.InstanceReported("b", "in-b", T0 + 100, said));
        WindowClosed window =
                BlockWindows.restore("b", windows.snapshot())
                        .apply(tick("b", T0 + 1_500, 0))
                        .getFirst();

        JsonNode documents = MetricsDocument.of(window).json().node().get("block_metrics");
        assertThat(documents.get(0).get("my_gauge").asInt()).isEqualTo(7);
        assertThat(documents.get(0).get("type").asText()).isEqualTo("app");
        assertThat(documents.get(0).at("/latency/average_1m").asDouble()).isLessThan(99);
        // No token of in-b was seen here.
        assertThat(documents.get(1).at("/llm_output_tokens_per_minute_rolling/average_1m").asInt())
                .isEqualTo(5);
        assertThat(documents.get(2).has("my_gauge")).isFalse();
    }

    @Test
    void whatAnInstanceSaidIsForgottenAfterFifteenMinutes() {
        BlockWindows windows = new BlockWindows("b");
        windows.apply(new TaskEvent.InstanceReported("b", "in-a", T0, Json.parse("{\"x\":1}")));
        long almost = T0 + 899_000;
        windows.apply(tick("b", almost, 0, new InstanceLoad("in-a", 0)));
        WindowClosed with = windows.apply(tick("b", almost + 1_000, 0)).getFirst();
        windows.apply(tick("b", almost + 1_100, 0, new InstanceLoad("in-a", 0)));
        WindowClosed without = windows.apply(tick("b", almost + 2_000, 0)).getFirst();

        assertThat(with.instances().getFirst().reported()).isEqualTo(Json.parse("{\"x\":1}"));
        assertThat(without.instances().getFirst().reported()).isNull();
    }
}
