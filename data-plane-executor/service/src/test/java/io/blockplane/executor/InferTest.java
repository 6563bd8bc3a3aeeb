package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.log.RecordCodec;
import io.blockplane.proto.aios.AIOSPacket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** infer, from the wire to the log: one broker, one executor, blocks of their own for each test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
class InferTest {

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;

    InferTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        executor = new ExecutorRole(ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0));
        executor.start();
        client = new Client(executor.grpcPort());
    }

    @AfterAll
    void close() {
        assertThat(executor.failure()).isNull();
        client.close();
        executor.close();
        log.close();
    }

    @Test
    void acceptsProcessesAndWritesOutputAndEventOfAPacket() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-trip", log.writer)) {
            block.start("in-a", 1);
            AIOSPacket packet =
                    packet("s-1", 7, "three little words").toBuilder()
                            .setFramePtr(ByteString.copyFromUtf8("frame"))
                            .build();
            // A field that nobody here knows travels, too.
            ByteString bytes = packet.toByteString().concat(ByteString.fromHex("f80603"));
            awaitKnown(block);

            assertThat(client.infer(block.id, bytes)).isTrue();

            TaskFinished event = log.awaitFinished(block.id, 1).getFirst();
            ConsumerRecord<String, byte[]> inbox = only(Topic.INBOX, block);
            assertThat(inbox.key()).isEqualTo("s-1");
            assertThat(inbox.value()).isEqualTo(bytes.toByteArray());
            assertThat(RecordCodec.text(inbox, "ce_type"))
                    .isEqualTo("blockplane.packet-accepted.v1");
            assertThat(RecordCodec.text(inbox, "ce_id")).startsWith("pkt-exec-1-");
            assertThat(RecordCodec.text(inbox, "ce_correlationid")).isEqualTo("s-1/7");

            String taskId = inbox.partition() + "-" + inbox.offset();
            assertThat(event.taskId()).isEqualTo(taskId);
            assertThat(event.entry()).isEqualTo(Entry.INFER);
            assertThat(event.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(event.instanceId()).isEqualTo("in-a");
            assertThat(List.of(event.sessionId(), event.seqNo())).containsExactly("s-1", "7");
            assertThat(List.of(event.tokensIn(), event.tokensOut())).containsExactly(3L, 1L);
            assertThat(event.attempts()).isEqualTo(1);
            assertThat(event.totalUs()).isGreaterThanOrEqualTo(event.queueUs() + event.serviceUs());
            assertThat(event.routing())
                    .isEqualTo(
                            Routing.builtIn(
                                    "builtin:least-outstanding",
                                    1,
                                    3,
                                    List.of(new InstanceLoad("in-a", 0)),
                                    "in-a"));

            ConsumerRecord<String, byte[]> output = only(Topic.OUTPUTS, block);
            assertThat(output.key()).isEqualTo("s-1");
            assertThat(AIOSPacket.parseFrom(output.value()))
                    .isEqualTo(
                            AIOSPacket.parseFrom(bytes).toBuilder()
                                    .setData("echo three little words")
                                    .build());
            assertThat(RecordCodec.text(output, "ce_id")).isEqualTo("out-" + taskId);
            assertThat(RecordCodec.text(output, "ce_causationid")).isEqualTo("task-" + taskId);
            assertThat(RecordCodec.text(output, "ce_correlationid")).isEqualTo("s-1/7");
            assertThat(
                            log.taskRecords().stream()
                                    .filter(r -> r.event().equals(event))
                                    .map(r -> r.envelope().id())
                                    .toList())
                    .containsExactly("task-" + taskId);
        }
    }

    @Test
    void keepsTheOrderOfEverySessionUnderLoadAndSpreadsTheTasks() throws Exception {
        int sessions = 24;
        int packets = 20;
        try (BlockUnderTest block = new BlockUnderTest("blk-order", log.writer);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<EchoInstance> instances = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                instances.add(block.start("in-" + i, 4));
            }
            awaitKnown(block);
            List<Future<?>> senders = new ArrayList<>();
            for (int s = 0; s < sessions; s++) {
                String session = "order-" + s;
                senders.add(
                        threads.submit(() ->
                                LongStream.range(0, packets)
                                        .forEach(seq ->
                                                client.infer(
                                                        block.id,
                                                        packet(
                                                                session,
                                                                seq,
                                                                "sleep " + seq % 5)))));
            }
            for (Future<?> sender : senders) {
                sender.get(120, TimeUnit.SECONDS);
            }

            List<TaskFinished> events = log.awaitFinished(block.id, sessions * packets);
            List<String> inOrder = LongStream.range(0, packets).mapToObj(Long::toString).toList();
            assertThat(bySession(events)).hasSize(sessions);
            assertThat(bySession(events).values())
                    .allSatisfy(s -> assertThat(s).isEqualTo(inOrder));
            assertThat(outputsBySession(block).values())
                    .hasSize(sessions)
                    .allSatisfy(s -> assertThat(s).isEqualTo(inOrder));
            assertThat(instances)
                    .allSatisfy(i -> {
                        assertThat(i.overlaps).isEmpty();
                        assertThat(i.seen.size()).isGreaterThan(sessions * packets / 6);
                    });
            assertThat(instances.stream().mapToInt(i -> i.seen.size()).sum())
                    .isEqualTo(sessions * packets);
        }
    }

    @Test
    void endsATaskThatItsInstanceRefusesOrBreaksOnAndGoesOnWithTheSession() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-refused", log.writer)) {
            block.start("in-a", 1);
            awaitKnown(block);
            client.infer(block.id, packet("s", 1, "invalid"));
            client.infer(block.id, packet("s", 2, "break"));
            client.infer(block.id, packet("s", 3, "fine"));

            List<TaskFinished> events = log.awaitFinished(block.id, 3);

            assertThat(events)
                    .extracting(TaskFinished::outcome)
                    .containsExactly(Outcome.FAILED, Outcome.FAILED, Outcome.COMPLETED);
            assertThat(events.get(0).reason())
                    .isEqualTo("in-a: INVALID_ARGUMENT: data: invalid (expected: something else)");
            assertThat(events.get(1).reason()).contains("INTERNAL").contains("broken on request");
            assertThat(outputsBySession(block)).isEqualTo(Map.of("s", List.of("3")));
        }
    }

    @Test
    void keepsAcceptedTasksUntilThereIsAnInstance() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-waits", log.writer)) {
            awaitKnown(block);
            assertThat(client.infer(block.id, packet("s", 1, "x"))).isTrue();
            assertThat(client.infer(block.id, packet("s", 2, "x"))).isTrue();
            eventually()
                    .untilAsserted(
                            () -> assertThat(log.ticks(block.id)).anyMatch(t -> t.queued() == 2));
            assertThat(log.finished(block.id)).isEmpty();

            block.start("in-a", 1);

            assertThat(log.awaitFinished(block.id, 2))
                    .extracting(TaskFinished::outcome)
                    .containsOnly(Outcome.COMPLETED);
        }
    }

    @Test
    void survivesInstancesThatVanishAndComeBackElsewhere() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-vanish", log.writer)) {
            EchoInstance first = block.start("in-a", 1);
            awaitKnown(block);
            client.infer(block.id, packet("s", 1, "hold"));
            eventually().untilAsserted(() -> assertThat(first.holding).hasValue(1));
            // Gone without a word, with a task inside: the log still says it is there.
            first.released.release();
            block.stopServer("in-a");
            client.infer(block.id, packet("t", 1, "x"));
            client.infer(block.id, packet("s", 2, "x"));
            Thread.sleep(2_000);
            block.lost("in-a", 2);
            block.serve("in-a", 2, 1, new EchoInstance());

            List<TaskFinished> events = log.awaitFinished(block.id, 3);

            assertThat(events).extracting(TaskFinished::outcome).containsOnly(Outcome.COMPLETED);
            assertThat(events.stream().filter(e -> e.sessionId().equals("t")).findFirst())
                    .hasValueSatisfying(e -> assertThat(e.attempts()).isGreaterThan(1));
        }
    }

    @Test
    void givesATaskToAnotherInstanceWhenOneRefusesTheConnection() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-elsewhere", log.writer)) {
            block.request("in-dead");
            block.ready(
                    "in-dead",
                    1,
                    new InstanceAddress("grpc", "127.0.0.1:1", "http://127.0.0.1:1/"));
            EchoInstance alive = block.start("in-live", 2);
            awaitKnown(block);
            for (int i = 0; i < 10; i++) {
                client.infer(block.id, packet("s-" + i, 1, "x"));
            }

            assertThat(log.awaitFinished(block.id, 10))
                    .allSatisfy(e -> {
                        assertThat(e.outcome()).isEqualTo(Outcome.COMPLETED);
                        assertThat(e.instanceId()).isEqualTo("in-live");
                    });
            assertThat(alive.seen).hasSize(10);
        }
    }

    @Test
    void stopsRoutingToADrainingInstanceAndReportsItOnceItHasNothing() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-drain", log.writer)) {
            EchoInstance going = block.start("in-drain", 2);
            awaitKnown(block);
            client.infer(block.id, packet("s", 1, "hold"));
            eventually().untilAsserted(() -> assertThat(going.holding).hasValue(1));
            EchoInstance staying = block.start("in-stay", 2);
            block.draining("in-drain");
            eventually()
                    .untilAsserted(() ->
                            assertThat(log.ticks(block.id).getLast().instances())
                                    .extracting(i -> i.instanceId())
                                    .containsExactly("in-drain", "in-stay"));
            for (int i = 0; i < 5; i++) {
                client.infer(block.id, packet("t-" + i, 1, "x"));
            }
            log.awaitFinished(block.id, 5);
            assertThat(going.seen).hasSize(1);
            assertThat(staying.seen).hasSize(5);
            assertThat(log.reports("in-drain")).isEmpty();

            going.released.release();

            eventually().untilAsserted(() -> assertThat(log.reports("in-drain")).isNotEmpty());
            assertThat(log.reports("in-drain").getFirst().envelope().id())
                    .isEqualTo("rep-blk-drain-in-drain-1-DRAINED");
            log.awaitFinished(block.id, 6);
            eventually()
                    .untilAsserted(() ->
                            assertThat(log.reports("in-drain"))
                                    .as("said again until it is known")
                                    .hasSizeGreaterThan(1));
            block.drained("in-drain");
        }
    }

    @Test
    void ticksOncePerSecondWithTheEventsOfTheSecondBeforeIt() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-ticks", log.writer)) {
            block.start("in-a", 4);
            awaitKnown(block);
            for (int i = 0; i < 150; i++) {
                client.infer(block.id, packet("s-" + i % 10, i, "sleep 5"));
            }
            log.awaitFinished(block.id, 150);
            eventually().untilAsserted(() -> assertThat(log.ticks(block.id)).hasSizeGreaterThan(3));

            long timeOfLastTick = 0;
            for (var event : log.taskEvents(block.id)) {
                assertThat(event.atMs())
                        .as("%s after the tick of %s", event, timeOfLastTick)
                        .isGreaterThanOrEqualTo(timeOfLastTick);
                if (event instanceof Ticked tick) {
                    assertThat(tick.atMs() % 1000).isZero();
                    assertThat(tick.atMs()).isGreaterThan(timeOfLastTick);
                    timeOfLastTick = tick.atMs();
                }
            }
        }
    }

    @Test
    void buriesWhatIsNoPacketAndGoesOn() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-buried", log.writer)) {
            block.start("in-a", 1);
            awaitKnown(block);
            log.writer
                    .append(
                            new ProducerRecord<>(
                                    Topic.INBOX.topicName(), "s", new byte[] {1, 2, 3}))
                    .get(30, TimeUnit.SECONDS);
            client.infer(block.id, packet("s", 1, "x"));

            log.awaitFinished(block.id, 1);
            assertThat(log.records(Topic.DEAD_LETTERS))
                    .anySatisfy(r ->
                            assertThat(new String(r.value(), StandardCharsets.UTF_8))
                                    .contains("not an accepted packet"));
        }
    }

    @Test
    void failsAcceptedTasksOfABlockThatNeverShowsUp() throws Exception {
        // Nobody here accepts such a packet; another executor might have.
        assertThat(InferRun.UNKNOWN_BLOCK_LIMIT).isLessThan(LogUnderTest.PATIENCE);
        log.writer
                .append(
                        PacketRecords.accepted(
                                "pkt-x",
                                "/test",
                                Instant.now(),
                                "blk-nowhere",
                                Packet.of(packet("nowhere", 1, "x"))))
                .get(30, TimeUnit.SECONDS);

        assertThat(log.awaitFinished("blk-nowhere", 1).getFirst().reason())
                .isEqualTo("block: blk-nowhere (expected: a block that exists)");
    }

    private void awaitKnown(BlockUnderTest block) {
        eventually().untilAsserted(() -> assertThat(log.ticks(block.id)).isNotEmpty());
    }

    private ConsumerRecord<String, byte[]> only(Topic topic, BlockUnderTest block) {
        List<ConsumerRecord<String, byte[]>> records = ofBlock(topic, block);
        assertThat(records).hasSize(1);
        return records.getFirst();
    }

    private List<ConsumerRecord<String, byte[]>> ofBlock(Topic topic, BlockUnderTest block) {
        return log.records(topic).stream()
                .filter(r -> block.id.equals(RecordCodec.text(r, "ce_subject")))
                .toList();
    }

    private static Map<String, List<String>> bySession(List<TaskFinished> events) {
        return events.stream()
                .collect(
                        Collectors.groupingBy(
                                TaskFinished::sessionId,
                                TreeMap::new,
                                Collectors.mapping(TaskFinished::seqNo, Collectors.toList())));
    }

    private Map<String, List<String>> outputsBySession(BlockUnderTest block) throws Exception {
        Map<String, List<String>> outputs = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record : ofBlock(Topic.OUTPUTS, block)) {
            AIOSPacket packet = AIOSPacket.parseFrom(record.value());
            outputs.computeIfAbsent(packet.getSessionId(), _ -> new ArrayList<>())
                    .add(Long.toString(packet.getSeqNo()));
        }
        return outputs;
    }
}
