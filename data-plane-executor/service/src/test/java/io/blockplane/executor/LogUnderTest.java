package io.blockplane.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Event;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogTail;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** A broker with the topics, and what an executor wrote into them. */
final class LogUnderTest implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(90);

    final Kafka kafka;
    final LogWriter writer;

    private final @Nullable Path dataDir;
    private final int port;
    private final Queue<LogRecord<Event>> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<LogRecord<Event>> commands = new ConcurrentLinkedQueue<>();
    private final Queue<LogRecord<Event>> probes = new ConcurrentLinkedQueue<>();
    private final List<LogTail> tails = new ArrayList<>();
    private @Nullable KafkaNode node;

    private LogUnderTest(
            String bootstrapServers, @Nullable Path dataDir, @Nullable KafkaNode node) {
        this.dataDir = dataDir;
        this.node = node;
        this.kafka = new Kafka(bootstrapServers);
        this.port = Integer.parseInt(bootstrapServers.substring("127.0.0.1:".length()));
        Topics.ensure(kafka, 3, (short) 1);
        this.writer = new LogWriter(kafka, "test");
        tails.add(LogTail.start(kafka, Topic.TASKS, "test", tasks::add));
        tails.add(LogTail.start(kafka, Topic.COMMANDS, "test", commands::add));
        tails.add(LogTail.start(kafka, Topic.PROBES, "test", probes::add));
    }

    static LogUnderTest start(Path dataDir) throws Exception {
        KafkaNode node = KafkaNode.start(dataDir, 0);
        return new LogUnderTest(node.bootstrapServers(), dataDir, node);
    }

    /** On a broker that somebody else starts and stops. */
    static LogUnderTest on(String bootstrapServers) {
        return new LogUnderTest(bootstrapServers, null, null);
    }

    void stopBroker() {
        Objects.requireNonNull(node).close();
    }

    void startBroker() throws Exception {
        node = KafkaNode.start(Objects.requireNonNull(dataDir), port);
    }

    static ConditionFactory eventually() {
        return Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }

    List<LogRecord<Event>> taskRecords() {
        return List.copyOf(tasks);
    }

    /** Terminal events of a block, in the order of the log. */
    List<TaskFinished> finished(String blockId) {
        return tasks.stream()
                .map(LogRecord::event)
                .filter(TaskFinished.class::isInstance)
                .map(TaskFinished.class::cast)
                .filter(e -> e.blockId().equals(blockId))
                .toList();
    }

    /** Waits for this many terminal events of a block. */
    List<TaskFinished> awaitFinished(String blockId, int count) {
        eventually().untilAsserted(() -> assertThat(finished(blockId)).hasSize(count));
        return finished(blockId);
    }

    /** Ticks and terminal events of a block, in the order of the log. */
    List<TaskEvent> taskEvents(String blockId) {
        return tasks.stream()
                .map(r -> (TaskEvent) r.event())
                .filter(e -> e.blockId().equals(blockId))
                .toList();
    }

    List<Ticked> ticks(String blockId) {
        return taskEvents(blockId).stream()
                .filter(Ticked.class::isInstance)
                .map(Ticked.class::cast)
                .toList();
    }

    List<LogRecord<Event>> reports(String instanceId) {
        return commands.stream()
                .filter(r ->
                        r.event() instanceof ReportInstance report
                                && report.instanceId().equals(instanceId))
                .toList();
    }

    List<ProbeRecorded> probes(String blockId) {
        return probes.stream()
                .map(r -> (ProbeRecorded) r.event())
                .filter(p -> p.blockId().equals(blockId))
                .toList();
    }

    /** A packet topic as it stands, in the order of each partition. */
    List<ConsumerRecord<String, byte[]>> records(Topic topic) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        LogScan.records(kafka, topic, records::add);
        return records;
    }

    @Override
    public void close() {
        tails.forEach(LogTail::close);
        writer.close();
        if (node != null) {
            node.close();
        }
    }
}
