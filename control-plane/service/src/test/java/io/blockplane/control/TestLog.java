package io.blockplane.control;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A broker with all topics, and the log on it as a test sees it. */
public final class TestLog implements AutoCloseable {

    private final KafkaNode node;
    private final Kafka kafka;
    private final LogWriter writer;
    private final LogTail events;
    private final List<LogRecord<Event>> seen = new CopyOnWriteArrayList<>();

    public TestLog(Path dataDir) throws IOException {
        this.node = KafkaNode.start(dataDir, 0);
        this.kafka = new Kafka(node.bootstrapServers());
        Topics.ensure(kafka, 2, (short) 1);
        this.writer = new LogWriter(kafka, "test");
        this.events = LogTail.start(kafka, Topic.EVENTS, "test", seen::add);
    }

    public Kafka kafka() {
        return kafka;
    }

    /** Returns when it is durable. */
    public void append(String id, long timeMs, Event event) {
        append(new Envelope<>(id, "/test", timeMs, "corr-" + id, "cause-" + id, event));
    }

    public void append(Envelope<?> envelope) {
        writer.append(envelope).orTimeout(30, TimeUnit.SECONDS).join();
    }

    public void append(ProducerRecord<String, byte[]> record) {
        writer.append(record).orTimeout(30, TimeUnit.SECONDS).join();
    }

    public List<LogRecord<Event>> all(Topic topic) {
        List<LogRecord<Event>> records = new ArrayList<>();
        LogScan.events(kafka, topic, records::add);
        return records;
    }

    /** How many events of a block are there; cheaper than reading them all again. */
    public long seen(String blockId) {
        return seen.stream().filter(r -> r.event().subject().equals(blockId)).count();
    }

    /** The events of a subject, in order. */
    public List<Event> of(Topic topic, String subject) {
        return all(topic).stream()
                .map(LogRecord::event)
                .filter(e -> e.subject().equals(subject))
                .toList();
    }

    public static BlockSpec spec(String blockId, int min, int max) {
        return new BlockSpec(
                blockId,
                "test",
                min,
                max,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                new TreeMap<>());
    }

    @Override
    public void close() {
        events.close();
        writer.close();
        node.close();
    }
}
