package io.blockplane.windows.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.EventJson;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import io.blockplane.windows.Histories;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wrapper is the library: records in, exactly the library's windows out. */
class WindowsTopologyTest {

    private static final long T0 = 1_700_000_000_000L;

    @TempDir Path stateDir;

    private TopologyTestDriver driver;
    private TestInputTopic<String, byte[]> tasks;
    private TestOutputTopic<String, byte[]> windows;
    private TestOutputTopic<String, byte[]> deadLetters;

    @BeforeEach
    void start() {
        WindowsConfig config = new WindowsConfig(new Kafka("unused:1"), stateDir, "member-1");
        driver = new TopologyTestDriver(WindowsTopology.build(), config.properties());
        tasks =
                driver.createInputTopic(
                        Topic.TASKS.topicName(), new StringSerializer(), new ByteArraySerializer());
        windows = output(Topic.WINDOWS);
        deadLetters = output(Topic.DEAD_LETTERS);
    }

    @AfterEach
    void close() {
        driver.close();
    }

    @ParameterizedTest(name = "seed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void writesExactlyTheRecordsOfTheLibrary(long seed) {
        List<Envelope<TaskEvent>> events = Logged.envelopes(Histories.of("block-1", seed, 200));
        events.forEach(this::log);
        assertThat(texts()).containsExactlyElementsOf(Logged.windows(events));
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    @Test
    void keepsBlocksApart() {
        List<Envelope<TaskEvent>> a = Logged.envelopes(Histories.of("block-a", 8, 100));
        List<Envelope<TaskEvent>> b = Logged.envelopes(Histories.of("block-b", 9, 100));
        for (int i = 0; i < 100; i++) {
            log(a.get(i));
            log(b.get(i));
        }
        List<String> texts = texts();
        assertThat(texts.stream().filter(t -> t.startsWith("block-a ")))
                .containsExactlyElementsOf(Logged.windows(a));
        assertThat(texts.stream().filter(t -> t.startsWith("block-b ")))
                .containsExactlyElementsOf(Logged.windows(b));
    }

    @Test
    void keepsInTheStoreNoMoreThanTheLongestWindow() {
        for (int second = 0; second < 2_000; second++) {
            long at = T0 + 1_000L * second;
            // A new instance each minute: what is gone must be gone from the store.
            log(Logged.envelope("e" + second, Histories.task("b", at, "in-" + second / 60)));
        }
        List<String> names = new ArrayList<>();
        driver.getKeyValueStore(WindowsTopology.STORE)
                .all()
                .forEachRemaining(entry -> names.add((String) entry.key));
        assertThat(names).hasSizeLessThan(1 + 900 + 900 + 60);
    }

    @Test
    void buriesWhatItCanNotReadWithItsPlaceAndReasonAndGoesOn() {
        List<Envelope<TaskEvent>> good =
                List.of(
                        Logged.envelope("good-0", Histories.task("b", T0, "in-a")),
                        Logged.envelope("good-1", Histories.task("b", T0 + 1_000, "in-a")));
        log(good.getFirst());

        pipe("b", null, h -> {});
        pipe("b", "null", h -> {});
        pipe("b", "{\"atMs\":", h -> {});
        pipe("b", "{\"blockId\":\"b\"}", h -> {});
        pipe("b", "{}", h -> h.remove("ce_type"));
        pipe("b", "{}", h -> h.add("ce_type", null));
        pipe("b", "{}", h -> h.add("ce_type", bytes("blockplane.window-closed.v1")));
        pipe("b", "{}", h -> h.add("ce_type", bytes("blockplane.task-vanished.v9")));
        String json = EventJson.text(Histories.task("b", T0, "in-a"));
        pipe("b", json, h -> h.remove("ce_id"));
        pipe("b", json, h -> h.add("ce_time", bytes("yesterday")));
        pipe("b", json, h -> h.add("ce_time", bytes("+1000000000-01-01T00:00:00Z")));
        pipe("another", json, h -> {});
        pipe(null, json, h -> {});
        pipe("b", json.replace("\"blockId\":\"b\",", ""), h -> {});
        pipe("b", EventJson.text(Histories.task("b", -1, "in-a")), h -> {});

        log(good.getLast());
        assertThat(texts()).containsExactlyElementsOf(Logged.windows(good));

        List<TestRecord<String, byte[]>> buried = deadLetters.readRecordsToList();
        List<DeadLettered> letters =
                buried.stream().map(r -> EventJson.decode(DeadLettered.class, r.value())).toList();
        assertThat(letters)
                .extracting(DeadLettered::sourceOffset)
                .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L);
        assertThat(letters)
                .allSatisfy(letter -> {
                    assertThat(letter.sourceTopic()).isEqualTo("blockplane.tasks");
                    assertThat(letter.sourcePartition()).isZero();
                    assertThat(letter.reason()).doesNotContain("\n").isNotBlank();
                });
        assertThat(letters.getFirst().reason())
                .isEqualTo("value: absent (expected: a JSON object)");
        assertThat(letters.get(2).reason()).startsWith("not a TaskFinished: Unexpected end");
        assertThat(letters.get(4).reason()).isEqualTo("header ce_type is missing");
        assertThat(letters.get(6).reason()).contains("expected: a type of blockplane.tasks");
        assertThat(letters.get(11).reason()).isEqualTo("key: another (expected: the block id, b)");
        assertThat(letters.get(14).reason()).startsWith("atMs: -1 (expected: ");

        TestRecord<String, byte[]> first = buried.getFirst();
        assertThat(first.key()).isEqualTo("blockplane.tasks/0");
        assertThat(first.timestamp()).isEqualTo(T0);
        assertThat(Logged.text(first.key(), T0, first.headers(), bytes("")))
                .contains(
                        "ce_id=dead-windows-blockplane.tasks-0-1,"
                                + " ce_type=blockplane.dead-lettered.v1, ce_source=/windows,"
                                + " ce_time=2023-11-14T22:13:20Z, ce_subject=blockplane.tasks/0,"
                                + " ce_causationid=poison");
    }

    private void log(Envelope<TaskEvent> envelope) {
        ProducerRecord<String, byte[]> record = RecordCodec.encode(envelope);
        tasks.pipeInput(new TestRecord<>(record.key(), record.value(), record.headers(), T0));
    }

    /** A task event's record, with this value, after the headers were spoilt. */
    private void pipe(@Nullable String key, @Nullable String value, Consumer<Headers> spoil) {
        Headers headers = new RecordHeaders();
        RecordCodec.put(headers, "ce_id", "poison");
        RecordCodec.put(headers, "ce_type", "blockplane.task-finished.v1");
        RecordCodec.put(headers, "ce_source", "/executor/executor-0");
        RecordCodec.put(headers, "ce_time", "2023-11-14T22:13:20Z");
        spoil.accept(headers);
        tasks.pipeInput(new TestRecord<>(key, value == null ? null : bytes(value), headers, T0));
    }

    private List<String> texts() {
        return windows.readRecordsToList().stream()
                .map(r -> Logged.text(r.key(), r.timestamp(), r.headers(), r.value()))
                .toList();
    }

    private TestOutputTopic<String, byte[]> output(Topic topic) {
        return driver.createOutputTopic(
                topic.topicName(), new StringDeserializer(), new ByteArrayDeserializer());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
