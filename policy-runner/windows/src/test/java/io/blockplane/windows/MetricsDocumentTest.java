package io.blockplane.windows;

import static io.blockplane.windows.Histories.task;
import static io.blockplane.windows.Histories.tick;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
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
}
