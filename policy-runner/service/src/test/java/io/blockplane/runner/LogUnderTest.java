package io.blockplane.runner;

import io.blockplane.broker.KafkaNode;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.log.LogWriter;
import io.blockplane.log.Topics;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.windows.BlockWindows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real broker, a warm policy engine, and what tests write into the log in the place of the other
 * roles. Windows are computed by the library from made-up tasks.
 */
final class LogUnderTest implements AutoCloseable {

    static final long T0 = 1_763_748_000_000L;
    static final Duration LIMIT = Duration.ofSeconds(90);

    private final KafkaNode node;
    private final LogWriter writer;
    final Kafka kafka;
    final PolicyEngine engine;

    LogUnderTest(Path dataDir) throws Exception {
        node = KafkaNode.start(dataDir, 0);
        kafka = new Kafka(node.bootstrapServers());
        Topics.ensure(kafka, 2, (short) 1);
        writer = new LogWriter(kafka, "test");
        engine = PolicyEngine.create();
        engine.warmUp().get(2, TimeUnit.MINUTES);
    }

    @Override
    public void close() {
        engine.close();
        writer.close();
        node.close();
    }

    RunnerRole runner(String id) throws InterruptedException {
        return runner(RunnerConfig.of(kafka, id));
    }

    RunnerRole runner(RunnerConfig config) throws InterruptedException {
        RunnerRole runner = new RunnerRole(config, engine);
        runner.start();
        return runner;
    }

    /** Registers a policy with a cooldown of 600 s as its default. */
    void publish(String uri, String source) throws Exception {
        PolicyArchive archive = PolicyArchive.ofFunction(source);
        append(
                "archive-" + uri,
                new ArchiveStored(
                        archive.sha256(),
                        archive.sizeBytes(),
                        Base64.getEncoder().encodeToString(archive.content())));
        append(
                "policy-" + uri,
                new PolicyRegistered(
                        uri,
                        archive.sha256(),
                        Json.EMPTY_OBJECT,
                        Json.parse("{\"cooldown_seconds\":600}"),
                        Json.EMPTY_OBJECT));
    }

    /** A block with one instance, {@code in-aaaa}, and these policies. */
    void create(String blockId, Map<String, String> policyUris) throws Exception {
        create(blockId, policyUris, "{}");
    }

    /** As {@link #create(String, Map)}, all policies with these parameters. */
    void create(String blockId, Map<String, String> policyUris, String parameters)
            throws Exception {
        Map<String, PolicyBinding> bindings = new TreeMap<>();
        policyUris.forEach((name, uri) -> bindings.put(name, binding(uri, parameters)));
        BlockSpec spec =
                new BlockSpec(
                        blockId,
                        "builtin:embedding",
                        1,
                        4,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        new TreeMap<>(bindings));
        append("evt-" + blockId + "-1", new BlockCreated(blockId, 1, spec));
        append("evt-" + blockId + "-2", new InstanceRequested(blockId, 2, "in-aaaa", 1));
    }

    private static PolicyBinding binding(String uri, String parameters) {
        return new PolicyBinding(
                uri, Json.parse(parameters), Json.parse("{\"intervalSeconds\":1}"));
    }

    /** Appends the window of a second, after so many tokens in each second before. */
    void closeWindow(String blockId, int second, int tokensPerSecond) throws Exception {
        BlockWindows windows = new BlockWindows(blockId);
        List<WindowClosed> closed = new ArrayList<>();
        windows.apply(tick(blockId, 0));
        for (int s = 0; s < second; s++) {
            closed.addAll(windows.apply(task(blockId, s, tokensPerSecond)));
            closed.addAll(windows.apply(tick(blockId, s + 1)));
        }
        WindowClosed last = closed.getLast();
        append(WindowClosed.id(blockId, last.asOfMs()), last);
    }

    void append(String id, Event event) throws Exception {
        long time = event instanceof WindowClosed window ? window.asOfMs() : T0;
        writer.append(new Envelope<>(id, "/test", time, null, null, event))
                .get(30, TimeUnit.SECONDS);
    }

    void awaitEvaluationAt(String blockId, Kind kind, @Nullable String lane, int second) {
        Awaitility.await()
                .atMost(LIMIT)
                .until(() ->
                        decided(blockId, kind, lane).stream()
                                .anyMatch(d ->
                                        d.call() == Call.EVAL
                                                && d.logicalTimeMs() == T0 + second * 1000L));
    }

    List<PolicyDecided> decided(String blockId, Kind kind, @Nullable String lane) {
        return decisions(blockId, kind, lane).stream().map(LogUnderTest::decision).toList();
    }

    List<LogRecord<Event>> decisions(String blockId, Kind kind, @Nullable String lane) {
        return records(Topic.DECISIONS, blockId).stream()
                .filter(r -> LineKey.of(decision(r)).equals(new LineKey(blockId, kind, lane)))
                .toList();
    }

    List<LogRecord<Event>> records(Topic topic, String blockId) {
        List<LogRecord<Event>> records = new ArrayList<>();
        LogScan.events(
                kafka,
                topic,
                r -> {
                    if (r.event().subject().equals(blockId)) {
                        records.add(r);
                    }
                });
        return records;
    }

    /** Events of a kind among the commands or events of a block. */
    <E extends Event> List<E> of(Class<E> type, Topic topic, String blockId) {
        return records(topic, blockId).stream()
                .map(LogRecord::event)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    static PolicyDecided decision(LogRecord<Event> record) {
        return (PolicyDecided) record.event();
    }

    void assertChainHolds(String blockId, Kind kind, @Nullable String lane) {
        String previous = DecisionChain.GENESIS;
        long sequence = 0;
        for (LogRecord<Event> record : decisions(blockId, kind, lane)) {
            Assertions.assertThat(decision(record).sequence()).isEqualTo(sequence++);
            Assertions.assertThat(decision(record).previousHash()).isEqualTo(previous);
            previous = DecisionChain.sha256(record.value());
            Assertions.assertThat(record.hash()).isEqualTo(previous);
        }
    }

    private static TaskEvent tick(String blockId, int second) {
        return new Ticked(
                blockId, "test", T0 + second * 1000L, 0, List.of(new InstanceLoad("in-aaaa", 0)));
    }

    private static TaskEvent task(String blockId, int second, int tokens) {
        return new TaskFinished(
                blockId,
                "task-" + second,
                TaskEvent.Entry.INFER,
                "s",
                "1",
                "in-aaaa",
                TaskEvent.Outcome.COMPLETED,
                null,
                T0 + second * 1000L + 500,
                10,
                20,
                30,
                tokens,
                0,
                1,
                null);
    }
}
