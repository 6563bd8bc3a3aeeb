package io.blockplane.windows.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import io.blockplane.windows.Histories;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role on a real broker. Every test has its own blocks in the one log. */
class WindowsRoleTest {

    private static final String MEMBER = "windows-0";
    private static final long T0 = 1_700_000_000_000L;

    @TempDir static Path dir;

    private static KafkaNode node;
    private static Kafka kafka;
    private static LogWriter writer;

    @BeforeAll
    static void startBroker() throws Exception {
        node = KafkaNode.start(dir.resolve("broker"), 0);
        kafka = new Kafka(node.bootstrapServers());
        assertThat(Topics.ensure(kafka, 4, (short) 1)).isEqualTo(4);
        writer = new LogWriter(kafka, "test");
    }

    @AfterAll
    static void stopBroker() {
        writer.close();
        node.close();
    }

    @Test
    void writesEveryWindowOnceAcrossKillsAndRestarts() throws Exception {
        List<List<Envelope<TaskEvent>>> blocks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            blocks.add(Logged.envelopes(Histories.of("restart-" + i, 100 + i, 400)));
        }
        List<LogRecord<Event>> seen = new CopyOnWriteArrayList<>();
        try (LogTail _ = LogTail.start(kafka, Topic.WINDOWS, "test", seen::add)) {
            for (int killed = 0; killed < 2; killed++) {
                try (WindowsProcess process =
                        new WindowsProcess(kafka, dir.resolve("state"), MEMBER)) {
                    int before = seen.size();
                    CompletableFuture<Void> written =
                            CompletableFuture.runAsync(
                                    writing(blocks, 100 * killed, 100 * (killed + 1)));
                    await().until(() -> seen.size() > before + 50);
                    process.kill();
                    written.get(60, TimeUnit.SECONDS);
                }
            }
            for (int closed = 2; closed < 4; closed++) {
                try (WindowsRole role = role()) {
                    role.start();
                    writing(blocks, 100 * closed, 100 * (closed + 1)).run();
                    int before = seen.size();
                    await().until(() -> seen.size() > before + 50);
                }
            }
            try (WindowsRole role = role()) {
                role.start();
                awaitWindows(blocks);
                assertThat(role.failure()).isNull();
            }
        }
    }

    @Test
    void buriesACorruptedRecordWithItsOffsetAndGoesOn() throws Exception {
        List<Envelope<TaskEvent>> events = Logged.envelopes(Histories.of("poison", 7, 100));
        List<RecordMetadata> poison = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            if (i % 40 == 20) {
                ProducerRecord<String, byte[]> rubbish =
                        new ProducerRecord<>(
                                Topic.TASKS.topicName(), "poison", new byte[] {0, -1, 7});
                poison.add(writer.append(rubbish).get(60, TimeUnit.SECONDS));
            }
            write(events.get(i));
        }
        try (WindowsRole role = role()) {
            role.start();
            awaitWindows(List.of(events));
        }
        List<DeadLettered> letters = new ArrayList<>();
        LogScan.events(
                kafka,
                Topic.DEAD_LETTERS,
                record -> {
                    if (record.event() instanceof DeadLettered letter) {
                        letters.add(letter);
                    }
                });
        assertThat(letters)
                .containsExactlyInAnyOrderElementsOf(
                        poison.stream()
                                .map(at ->
                                        new DeadLettered(
                                                Topic.TASKS.topicName(),
                                                at.partition(),
                                                at.offset(),
                                                "header ce_type is missing",
                                                null))
                                .toList());
    }

    @Test
    void goesOnAfterAnEventThatIsDatedYearsAhead() throws Exception {
        long ahead = 4_102_444_800_000L;
        List<Envelope<TaskEvent>> events =
                Logged.envelopes(
                        List.of(
                                Histories.task("ahead", T0, "in-a"),
                                Histories.task("ahead", ahead, "in-a"),
                                Histories.task("ahead", ahead + 1_000, "in-a")));
        for (Envelope<TaskEvent> event : events) {
            write(event);
        }
        try (WindowsRole role = role()) {
            role.start();
            awaitWindows(List.of(events));
            assertThat(role.isRunning()).isTrue();
        }
    }

    @Test
    void stopsVisiblyWhenAnotherTakesItsPlace() {
        try (WindowsRole first = role()) {
            first.start();
            await().until(first::isRunning);
            try (WindowsRole second = role()) {
                second.start();
                await().until(() -> first.failure() != null);
                assertThat(first.failure()).hasRootCauseInstanceOf(FencedInstanceIdException.class);
                assertThat(first.isRunning()).isFalse();
                await().until(second::isRunning);
                assertThat(second.failure()).isNull();
            }
        }
    }

    private static WindowsRole role() {
        return new WindowsRole(new WindowsConfig(kafka, dir.resolve("state"), MEMBER));
    }

    /** Writes part of each block's events, in turns. */
    private static Runnable writing(List<List<Envelope<TaskEvent>>> blocks, int from, int to) {
        return () -> {
            for (int i = from; i < to; i++) {
                for (List<Envelope<TaskEvent>> events : blocks) {
                    write(events.get(i));
                }
            }
        };
    }

    private static void write(Envelope<TaskEvent> event) {
        writer.append(event).orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Waits until the topic has as many windows of these blocks as it must, and compares. */
    private static void awaitWindows(List<List<Envelope<TaskEvent>>> blocks) {
        Map<String, List<String>> expected = new HashMap<>();
        for (List<Envelope<TaskEvent>> events : blocks) {
            expected.put(events.getFirst().event().blockId(), Logged.windows(events));
        }
        int count = expected.values().stream().mapToInt(List::size).sum();
        Map<String, List<String>> found =
                await().pollInterval(Duration.ofSeconds(1))
                        .until(
                                () -> windows(expected.keySet()),
                                w -> w.values().stream().mapToInt(List::size).sum() >= count);
        expected.forEach((blockId, windows) ->
                assertThat(found.get(blockId)).containsExactlyElementsOf(windows));
    }

    private static Map<String, List<String>> windows(Set<String> blockIds) {
        Map<String, List<String>> found = new HashMap<>();
        LogScan.records(
                kafka,
                Topic.WINDOWS,
                record -> {
                    if (blockIds.contains(record.key())) {
                        found.computeIfAbsent(record.key(), _ -> new ArrayList<>())
                                .add(
                                        Logged.text(
                                                record.key(),
                                                record.timestamp(),
                                                record.headers(),
                                                record.value()));
                    }
                });
        return found;
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofMinutes(2));
    }
}
