package io.blockplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.cli.client.ApiClient;
import io.blockplane.cli.client.PolicyPublisher;
import io.blockplane.events.Event;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.load.Answer;
import io.blockplane.load.LoadClient;
import io.blockplane.load.LoadRun;
import io.blockplane.load.Packets;
import io.blockplane.load.Payload;
import io.blockplane.load.RateSchedule;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogScan;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.replay.LogSource;
import io.blockplane.replay.Verify;
import io.blockplane.replay.VerifyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What must survive {@code kill -9} of the whole system in the middle of work, and an ordinary
 * stop.
 */
class UpCrashIT {

    private static final String BLOCK = "embedding";
    private static final int COOLDOWN_SECONDS = 600;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    @TempDir Path dataDir;

    @Test
    void everyAcceptedPacketEndsOnceAndNothingIsForgotten() throws Exception {
        Set<String> accepted = new ConcurrentSkipListSet<>();
        long upscaledAt;
        try (UpProcess up = UpProcess.start(dataDir)) {
            createBlock(up);
            LoadClient client =
                    new LoadClient(up.endpoints().grpc(), BLOCK, LoadClient.Method.INFER, 1);
            LoadRun load = load(client, accepted);
            Thread sending = Thread.ofPlatform().start(() -> run(load));
            Kafka kafka = new Kafka(up.endpoints().bootstrapServers());
            upscaledAt = awaitUpscale(kafka);
            List<ProcessHandle> children = up.descendants();
            assertThat(children).as("broker and instances").hasSizeGreaterThan(1);

            up.kill();

            load.stop();
            sending.join();
            client.close();
            assertThat(accepted).isNotEmpty();
            Awaitility.await()
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
        }
        List<ProcessHandle> children;
        try (UpProcess up = UpProcess.start(dataDir)) {
            Kafka kafka = new Kafka(up.endpoints().bootstrapServers());
            try (ApiClient api = new ApiClient(up.endpoints().rest())) {
                assertThat(api.block(BLOCK).path("maxInstances").asInt()).isEqualTo(4);
                assertThat(api.policies().path("data")).hasSize(1);
            }
            Awaitility.await()
                    .atMost(LIMIT)
                    .untilAsserted(() -> assertThat(ends(kafka).keySet()).containsAll(accepted));
            assertThat(ends(kafka).values()).as("ends of each packet").containsOnly(1);
            awaitDecisionsAfterRestart(kafka);
            assertThat(upscales(kafka)).as("the cooldown is held").containsExactly(upscaledAt);
            VerifyReport report =
                    Verify.run(LogSource.broker(kafka.bootstrapServers()), (_, _) -> {});
            assertThat(report.findings()).isEmpty();
            assertThat(report.holds()).isTrue();
            children = up.descendants();
            assertThat(up.interrupt()).as("exit code of Ctrl-C").isIn(0, 130, 143);
        }
        assertThat(children).as("processes left by a stop").noneMatch(ProcessHandle::isAlive);
    }

    private static void createBlock(UpProcess up) throws Exception {
        String specification =
                Files.readString(UpProcess.ROOT.resolve("examples/blocks/embedding.json"))
                        .replace(
                                "\"cooldown_seconds\": 10",
                                "\"cooldown_seconds\": "
                                        + COOLDOWN_SECONDS
                                        + ", \"averaging_period\": \"current\"");
        try (ApiClient api = new ApiClient(up.endpoints().rest())) {
            PolicyPublisher.publish(
                    api,
                    UpProcess.ROOT.resolve("examples/policies/token-autoscaler"),
                    "1.0",
                    "stable");
            api.createBlock(specification);
        }
    }

    private static LoadRun load(LoadClient client, Set<String> accepted) {
        LoadRun.Observer observer =
                (AIOSPacket packet, Answer.Ended ended) -> {
                    if (ended.status().isOk()) {
                        accepted.add(packet.getSessionId() + "/" + packet.getSeqNo());
                    }
                };
        return new LoadRun(
                client,
                new Packets("crash", 16, Payload.TEXTS),
                LoadRun.Settings.DEFAULT.observedBy(observer));
    }

    private static void run(LoadRun load) {
        try {
            load.open(RateSchedule.steady(15, LIMIT, 48));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long awaitUpscale(Kafka kafka) {
        return Awaitility.await()
                .atMost(LIMIT)
                .until(() -> upscales(kafka), found -> !found.isEmpty())
                .getFirst();
    }

    private static void awaitDecisionsAfterRestart(Kafka kafka) {
        Awaitility.await()
                .atMost(LIMIT)
                .until(() ->
                        decisions(kafka).stream().filter(d -> d.incarnation() > 1).count() >= 3);
    }

    /** Logical times of decisions to scale up. */
    private static List<Long> upscales(Kafka kafka) {
        return decisions(kafka).stream()
                .filter(d -> d.action().operation() == Operation.UPSCALE)
                .map(PolicyDecided::logicalTimeMs)
                .toList();
    }

    private static List<PolicyDecided> decisions(Kafka kafka) {
        List<PolicyDecided> decisions = new ArrayList<>();
        LogScan.events(kafka, Topic.DECISIONS, r -> decisions.add((PolicyDecided) r.event()));
        return decisions;
    }

    /** How many terminal events each packet has, by session and sequence number. */
    private static Map<String, Integer> ends(Kafka kafka) {
        Map<String, Integer> ends = new TreeMap<>();
        LogScan.events(
                kafka,
                Topic.TASKS,
                (LogRecord<Event> r) -> {
                    if (r.event() instanceof TaskFinished task) {
                        ends.merge(task.sessionId() + "/" + task.seqNo(), 1, Integer::sum);
                    }
                });
        return ends;
    }
}
