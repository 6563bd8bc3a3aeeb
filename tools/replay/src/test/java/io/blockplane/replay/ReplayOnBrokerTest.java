package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogDescription;
import io.blockplane.log.Topics;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.replay.importing.Import;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One broker: a log is written, verified there, exported, verified and explained from the file,
 * deleted and imported again.
 */
@ExtendWith(SharedEngine.class)
class ReplayOnBrokerTest {

    private static final int PARTITIONS = 3;

    @TempDir static Path folder;

    @Test
    void saysTheSameOfABrokerItsExportAndTheImportOfThat(PolicyEngine engine) throws Exception {
        RecordedLog life = Lives.shortLife(engine);
        ScaleUp.around().forEach(life::add);
        try (KafkaNode node = KafkaNode.start(folder.resolve("kafka"), 0);
                Admin admin = new Kafka(node.bootstrapServers()).admin()) {
            Kafka kafka = new Kafka(node.bootstrapServers());
            Topics.ensure(kafka, PARTITIONS, (short) 1);
            write(kafka, life);
            LogSource broker = LogSource.broker(node.bootstrapServers());
            Path file = folder.resolve("log.bplog");
            LogDescription before = LogDescription.of(kafka);
            List<?> groups = List.copyOf(admin.listGroups().all().get());

            assertThat(Export.write(kafka, file, Selection.ALL)).isEqualTo(life.size());
            LogSource exported = LogSource.file(file);
            holds(broker, engine);
            holds(exported, engine);
            assertThat(text(exported)).isEqualTo(text(broker)).contains("<- tasks     7");
            assertThat(Export.write(kafka, folder.resolve("none.bplog"), of("other")))
                    .as("another block's log: policies only")
                    .isEqualTo(1);

            assertThat(LogDescription.of(kafka)).as("nothing was written").isEqualTo(before);
            assertThat(List.copyOf(admin.listGroups().all().get())).isEqualTo(groups);

            tellsWhatWasDeleted(kafka, admin, broker, engine);
            importsIntoAnEmptyLogOnly(kafka, admin, file, engine);
        }
    }

    private static void holds(LogSource source, PolicyEngine engine) throws IOException {
        VerifyReport report = Verify.run(source, Selection.ALL, engine, (_, _) -> {});
        assertThat(report.findings()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.summary()).isEqualTo("4 decisions, 4 identical, chain intact");
    }

    private static void tellsWhatWasDeleted(
            Kafka kafka, Admin admin, LogSource broker, PolicyEngine engine) throws Exception {
        try (KafkaProducer<String, byte[]> producer = kafka.producer("test")) {
            producer.send(
                            new ProducerRecord<>(
                                    Topic.DECISIONS.topicName(),
                                    "short",
                                    "rubbish".getBytes(StandardCharsets.UTF_8)))
                    .get(60, TimeUnit.SECONDS);
        }
        assertThat(Verify.run(broker, Selection.ALL, engine, (_, _) -> {}).findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.Unreadable.class,
                        finding ->
                                assertThat(finding.text()).contains("header ce_type is missing"));
        TopicPartition decisions =
                LogDescription.of(kafka).ranges().stream()
                        .filter(r -> r.topic() == Topic.DECISIONS && !r.isEmpty())
                        .map(r -> new TopicPartition(r.topic().topicName(), r.partition()))
                        .findFirst()
                        .orElseThrow();
        admin.deleteRecords(Map.of(decisions, RecordsToDelete.beforeOffset(1)))
                .all()
                .get(60, TimeUnit.SECONDS);

        VerifyReport cut = Verify.run(broker, Selection.ALL, engine, (_, _) -> {});
        assertThat(cut.holds()).isFalse();
        assertThat(cut.findings().stream().map(Finding::text))
                .anyMatch(t -> t.startsWith(decisions + "@1: the log begins here"))
                .anyMatch(t -> t.contains("decision 0 before it is not in the log"))
                .anyMatch(t -> t.endsWith("nor can the 2 after it"));
    }

    private static void importsIntoAnEmptyLogOnly(
            Kafka kafka, Admin admin, Path file, PolicyEngine engine) throws Exception {
        assertThatThrownBy(() -> Import.write(file, kafka))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has a log: ")
                .hasMessageContaining("(expected: an empty log)");
        admin.deleteTopics(Arrays.stream(Topic.values()).map(Topic::topicName).toList())
                .all()
                .get(60, TimeUnit.SECONDS);
        byte[] bytes = Files.readAllBytes(file);
        Path damaged =
                Files.write(
                        folder.resolve("damaged.bplog"), Arrays.copyOf(bytes, bytes.length - 9));
        assertThatThrownBy(() -> Import.write(damaged, kafka))
                .hasMessageContaining("damaged.bplog: damaged or cut off");
        assertThat(LogDescription.of(kafka).firstWritten()).isEmpty();

        Import.write(file, kafka);
        LogSource imported = LogSource.broker(kafka.bootstrapServers());
        holds(imported, engine);
        assertThat(text(imported)).isEqualTo(text(LogSource.file(file)));
        assertThat(LogDescription.of(kafka).partitions()).contains(PARTITIONS);
    }

    private static Selection of(String blockId) {
        return new Selection(blockId, null, null, List.of());
    }

    private static String text(LogSource source) throws Exception {
        return ExplanationText.of(Explain.decision(source, ScaleUp.DECISION).orElseThrow());
    }

    /** Each record in a transaction of its own: the ends of those take offsets between them. */
    private static void write(Kafka kafka, RecordedLog life) {
        try (KafkaProducer<String, byte[]> producer = kafka.transactionalProducer("test")) {
            producer.initTransactions();
            life.forEach((ConsumerRecord<String, byte[]> record) -> {
                producer.beginTransaction();
                var _ =
                        producer.send(
                                new ProducerRecord<>(
                                        record.topic(),
                                        null,
                                        record.key(),
                                        record.value(),
                                        record.headers()));
                producer.commitTransaction();
            });
        }
    }
}
