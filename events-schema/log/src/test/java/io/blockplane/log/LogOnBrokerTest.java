package io.blockplane.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.Topic;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One broker, one life: topics, records, tails and a restart. */
class LogOnBrokerTest {

    @TempDir static Path dataDir;

    @Test
    void keepsEventsAcrossARestartAndReadsThemAsWritten() throws Exception {
        List<LogRecord<Event>> before = new ArrayList<>();
        try (KafkaNode node = KafkaNode.start(dataDir, 0)) {
            Kafka kafka = new Kafka(node.bootstrapServers());
            assertThat(Topics.ensure(kafka, 3, (short) 1)).isEqualTo(3);
            assertThat(Topics.ensure(kafka, 5, (short) 1))
                    .as("the count is fixed for a log's life")
                    .isEqualTo(3);
            assertThat(config(kafka, Topic.TASKS))
                    .contains("retention.ms=-1", "cleanup.policy=delete");
            assertThat(config(kafka, Topic.POLICIES)).contains("cleanup.policy=compact");

            List<LogRecord<Event>> tailed = new CopyOnWriteArrayList<>();
            try (LogTail tail = LogTail.start(kafka, Topic.PROBES, "test", tailed::add);
                    LogWriter writer = new LogWriter(kafka, "test")) {
                tail.awaitCaughtUp();
                List<CompletableFuture<?>> sent = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    sent.add(writer.append(probe("block-" + i % 7, i)));
                }
                CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
                        .get(30, TimeUnit.SECONDS);
                Awaitility.await().untilAsserted(() -> assertThat(tailed).hasSize(100));
            }
            LogScan.events(kafka, Topic.PROBES, before::add);
            assertThat(before).hasSize(100);
            assertThat(before.stream().filter(r -> r.event().subject().equals("block-3")))
                    .as("one block, one order")
                    .isSortedAccordingTo(
                            (a, b) -> Long.compare(a.envelope().timeMs(), b.envelope().timeMs()));
        }
        try (KafkaNode node = KafkaNode.start(dataDir, 0)) {
            Kafka kafka = new Kafka(node.bootstrapServers());
            List<LogRecord<Event>> after = new ArrayList<>();
            LogScan.events(kafka, Topic.PROBES, after::add);
            assertThat(after.stream().map(LogRecord::envelope))
                    .containsExactlyElementsOf(before.stream().map(LogRecord::envelope).toList());
        }
    }

    @Test
    void refusesARecordThatIsNoEventAndSaysWhy() {
        ConsumerRecord<String, byte[]> bare =
                new ConsumerRecord<>("blockplane.probes", 0, 7, "k", new byte[] {'{', '}'});
        assertThatThrownBy(() -> RecordCodec.decode(Topic.PROBES, bare))
                .hasMessage("header ce_type is missing");

        Envelope<ProbeRecorded> probe = probe("b", 1);
        var encoded = RecordCodec.encode(probe);
        ConsumerRecord<String, byte[]> wrongTopic =
                new ConsumerRecord<>("blockplane.tasks", 0, 7, "b", encoded.value());
        encoded.headers().forEach(wrongTopic.headers()::add);
        assertThatThrownBy(() -> RecordCodec.decode(Topic.TASKS, wrongTopic))
                .hasMessageContaining("expected: a type of blockplane.tasks");
    }

    @Test
    void writesCloudEventsHeadersThatAnyToolCanRead() {
        var record = RecordCodec.encode(probe("b", 1));
        assertThat(record.key()).isEqualTo("b");
        assertThat(new String(record.value(), StandardCharsets.UTF_8))
                .isEqualTo(EventJson.text(probe("b", 1).event()));
        assertThat(record.headers())
                .extracting(h -> h.key() + "=" + new String(h.value(), StandardCharsets.UTF_8))
                .containsExactly(
                        "ce_specversion=1.0",
                        "ce_id=probe-1",
                        "ce_type=blockplane.probe-recorded.v1",
                        "ce_source=/test",
                        "ce_time=1970-01-01T00:00:01Z",
                        "ce_subject=b",
                        "ce_correlationid=corr",
                        "ce_causationid=cause",
                        "content-type=application/json");
    }

    private static Envelope<ProbeRecorded> probe(String blockId, int i) {
        return new Envelope<>(
                "probe-" + i,
                "/test",
                1_000L * i,
                "corr",
                "cause",
                new ProbeRecorded(
                        blockId, "in-a", i, 1_000L * i, "http://x/health", true, 200, 5, null));
    }

    private static List<String> config(Kafka kafka, Topic topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic.topicName());
        try (Admin admin = kafka.admin()) {
            Config config =
                    Objects.requireNonNull(
                            admin.describeConfigs(List.of(resource)).all().get().get(resource));
            return config.entries().stream().map(e -> e.name() + "=" + e.value()).toList();
        }
    }
}
