package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What killing does to accepted work: nothing. */
class ExecutorKillIT {

    private static final int SESSIONS = 20;
    private static final int PACKETS = 30;
    private static final Pattern READY = Pattern.compile("READY grpc=(\\S+) health=(\\S+)");

    @TempDir Path dir;

    @Test
    void losesAndDoublesNoAcceptedPacketWhenKilledInTheMiddle() throws Exception {
        try (LogUnderTest log = LogUnderTest.start(dir.resolve("broker"));
                BlockUnderTest block = new BlockUnderTest("blk-kill", log.writer);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<EchoInstance> instances = List.of(block.start("in-a", 4), block.start("in-b", 4));
            AtomicReference<ExecutorProcess> executor = new AtomicReference<>(start(log));
            List<Future<?>> senders = new ArrayList<>();
            for (int s = 0; s < SESSIONS; s++) {
                String session = "kill-" + s;
                senders.add(threads.submit(() -> send(executor, block.id, session)));
            }
            for (int kill = 1; kill <= 2; kill++) {
                int soMany = SESSIONS * PACKETS * kill / 4;
                eventually()
                        .untilAsserted(() ->
                                assertThat(log.finished(block.id).size()).isGreaterThan(soMany));
                executor.get().kill();
                executor.set(start(log));
            }
            for (Future<?> sender : senders) {
                sender.get(180, TimeUnit.SECONDS);
            }

            assertEachAcceptedPacketEndedOnce(log, block);
            assertThat(instances).allSatisfy(i -> assertThat(i.seen).isNotEmpty());
            executor.get().close();
        }
    }

    @Test
    void survivesTheKillOfAnInstanceThatIsAProcess() throws Exception {
        try (LogUnderTest log = LogUnderTest.start(dir.resolve("broker"));
                BlockUnderTest block = new BlockUnderTest("blk-instance", log.writer);
                ExecutorRole executor =
                        new ExecutorRole(
                                ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0))) {
            executor.start();
            block.request("in-a");
            Process first = instanceProcess(block, "in-a");
            block.ready("in-a", 1, readAddress(first));
            try (Client client = new Client(executor.grpcPort())) {
                eventually().untilAsserted(() -> assertThat(log.ticks(block.id)).isNotEmpty());
                client.infer(block.id, packet("s", 1, "sleep 4000"));
                client.infer(block.id, packet("s", 2, "x"));
                client.infer(block.id, packet("t", 1, "x"));
                eventually()
                        .untilAsserted(() ->
                                assertThat(log.ticks(block.id))
                                        .anyMatch(t ->
                                                t.instances().stream()
                                                        .anyMatch(i -> i.outstanding() > 0)));
                first.destroyForcibly().onExit().join();
                block.lost("in-a", 2);
                block.serve("in-a", 2, 4, new EchoInstance());
                assertThat(log.awaitFinished(block.id, 3))
                        .extracting(TaskFinished::outcome)
                        .containsOnly(Outcome.COMPLETED);
            }
        }
    }

    /** In order, each until it is accepted; what a killed executor had accepted comes twice. */
    private static void send(
            AtomicReference<ExecutorProcess> executor, String blockId, String session) {
        int port = 0;
        @Nullable Client client = null;
        try {
            for (int seq = 0; seq < PACKETS; seq++) {
                boolean accepted = false;
                while (!accepted) {
                    if (client == null || port != executor.get().grpcPort) {
                        port = executor.get().grpcPort;
                        closeQuietly(client);
                        client = new Client(port);
                    }
                    try {
                        accepted = client.infer(blockId, packet(session, seq, "sleep " + seq % 40));
                    } catch (StatusRuntimeException e) {
                        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                        Thread.sleep(50);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeQuietly(client);
        }
    }

    private static void closeQuietly(@Nullable Client client) {
        if (client != null) {
            client.close();
        }
    }

    private static void assertEachAcceptedPacketEndedOnce(LogUnderTest log, BlockUnderTest block) {
        List<ConsumerRecord<String, byte[]>> accepted = log.records(Topic.INBOX);
        assertThat(accepted.size()).isGreaterThanOrEqualTo(SESSIONS * PACKETS);
        eventually()
                .untilAsserted(() ->
                        assertThat(log.finished(block.id).size())
                                .isGreaterThanOrEqualTo(accepted.size()));

        List<String> expected =
                accepted.stream().map(r -> "task-" + r.partition() + "-" + r.offset()).toList();
        assertThat(
                        log.taskRecords().stream()
                                .map(LogRecord::envelope)
                                .filter(e -> e.event() instanceof TaskFinished)
                                .map(Envelope<Event>::id))
                .as("one terminal event for each accepted packet")
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(log.finished(block.id))
                .extracting(TaskFinished::outcome)
                .containsOnly(Outcome.COMPLETED);
        assertThat(
                        log.records(Topic.OUTPUTS).stream()
                                .map(r -> RecordCodec.text(r, "ce_causationid")))
                .as("one output for each accepted packet")
                .containsExactlyInAnyOrderElementsOf(expected);

        Map<String, List<Long>> offsetsBySession = new TreeMap<>();
        Map<String, Long> offsets = new HashMap<>();
        accepted.forEach(r -> offsets.put(r.partition() + "-" + r.offset(), r.offset()));
        for (TaskFinished event : log.finished(block.id)) {
            offsetsBySession
                    .computeIfAbsent(event.sessionId(), _ -> new ArrayList<>())
                    .add(offsets.getOrDefault(event.taskId(), -1L));
        }
        assertThat(offsetsBySession.values())
                .as("the order of each session")
                .hasSize(SESSIONS)
                .allSatisfy(o -> assertThat(o).isSorted());
    }

    private ExecutorProcess start(LogUnderTest log) throws Exception {
        return ExecutorProcess.start(log.kafka, "exec-1", dir.resolve("executor.log"));
    }

    private static Process instanceProcess(BlockUnderTest block, String instanceId)
            throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EchoInstance.class.getName(),
                        "--block",
                        block.id,
                        "--instance",
                        instanceId,
                        "--grpc-port",
                        "0",
                        "--health-port",
                        "0")
                .start();
    }

    private static InstanceAddress readAddress(Process process) throws Exception {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return new InstanceAddress("grpc", ready.group(1), ready.group(2));
            }
        }
        throw new AssertionError("the instance ended before it was ready");
    }
}
