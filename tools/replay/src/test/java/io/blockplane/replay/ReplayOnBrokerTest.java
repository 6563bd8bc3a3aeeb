package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import io.blockplane.policy.PolicyEngine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * One broker: a log is written, verified there, exported, and verified and explained from the file.
 */
@ExtendWith(SharedEngine.class)
class ReplayOnBrokerTest {

    @TempDir static Path folder;

    @Test
    void saysTheSameOfABrokerAndOfItsExport(PolicyEngine engine) throws Exception {
        RecordedLog life = Lives.shortLife(engine);
        ScaleUp.around().forEach(life::add);
        try (KafkaNode node = KafkaNode.start(folder.resolve("kafka"), 0)) {
            Kafka kafka = new Kafka(node.bootstrapServers());
            Topics.ensure(kafka, 3, (short) 1);
            try (LogWriter writer = new LogWriter(kafka, "test")) {
                write(writer, life);
                LogSource broker = LogSource.broker(node.bootstrapServers());
                Path file = folder.resolve("log.jsonl.gz");
                assertThat(Export.write(kafka, file, null)).isEqualTo(life.size());
                LogSource exported = LogSource.file(file);

                for (LogSource source : List.of(broker, exported)) {
                    VerifyReport report = Verify.run(source, engine, (_, _) -> {});
                    assertThat(report.findings()).isEmpty();
                    assertThat(report.holds()).isTrue();
                    assertThat(report.summary())
                            .isEqualTo("4 decisions, 4 identical, chain intact");
                }
                assertThat(text(exported)).isEqualTo(text(broker)).contains("<- tasks     7");

                assertThat(Export.write(kafka, folder.resolve("none.jsonl"), "other"))
                        .as("another block's log: policies only")
                        .isEqualTo(1);
                finish(
                        List.of(
                                writer.append(
                                        new ProducerRecord<>(
                                                Topic.DECISIONS.topicName(),
                                                "short",
                                                "rubbish".getBytes(StandardCharsets.UTF_8)))));
                assertThat(Verify.run(broker, engine, (_, _) -> {}).findings())
                        .singleElement()
                        .isInstanceOfSatisfying(
                                Finding.Unreadable.class,
                                finding ->
                                        assertThat(finding.text())
                                                .contains("header ce_type is missing"));
            }
        }
    }

    private static String text(LogSource source) throws Exception {
        return ExplanationText.of(Explain.decision(source, ScaleUp.DECISION).orElseThrow());
    }

    private static void write(LogWriter writer, RecordedLog life) throws Exception {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        life.forEach(record -> {
            ProducerRecord<String, byte[]> copy =
                    new ProducerRecord<>(record.topic(), record.key(), record.value());
            record.headers().forEach(copy.headers()::add);
            sent.add(writer.append(copy));
        });
        finish(sent);
    }

    private static void finish(List<? extends CompletableFuture<?>> sent) throws Exception {
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    }
}
