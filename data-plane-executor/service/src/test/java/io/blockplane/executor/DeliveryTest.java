package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.EventJson;
import io.blockplane.events.Topic;
import io.blockplane.executor.delivery.DeliveryLimits;
import io.blockplane.executor.resp.ListRedis;
import io.blockplane.log.RecordCodec;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.Result;
import io.blockplane.proto.dataplane.v1.ResultsGrpc;
import io.blockplane.proto.dataplane.v1.ResultsRequest;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Results to the destinations of their packets: one broker, blocks of their own for each test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeliveryTest {

    private static final DeliveryLimits LIMITS =
            new DeliveryLimits(
                    Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofSeconds(1));

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;

    DeliveryTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        executor = started("exec-d", LIMITS);
        client = new Client(executor.grpcPort());
    }

    private ExecutorRole started(String id, DeliveryLimits limits) throws Exception {
        ExecutorRole role =
                new ExecutorRole(
                        ExecutorConfig.defaults(log.kafka, id)
                                .withPorts(0, 0)
                                .withDelivery(limits));
        role.start();
        return role;
    }

    @AfterAll
    void close() {
        assertThat(executor.failure()).isNull();
        client.close();
        executor.close();
        log.close();
    }

    private void infer(String blockId, AIOSPacket packet) {
        infer(client, blockId, packet);
    }

    private static void infer(Client client, String blockId, AIOSPacket packet) {
        eventually()
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(client.infer(blockId, packet)).isTrue());
    }

    private static AIOSPacket to(String outputs, String session, long seq, String data) {
        return packet(session, seq, data).toBuilder().setOutputPtr(outputs).build();
    }

    private static String redis(int port, String queue) {
        return "{\"host\":\"127.0.0.1\",\"port\":%d,\"queue_name\":\"%s\"}".formatted(port, queue);
    }

    private List<DeadLettered> letters(String destination) {
        List<DeadLettered> letters = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : log.records(Topic.DEAD_LETTERS)) {
            DeadLettered letter = EventJson.decode(DeadLettered.class, record.value());
            if (destination.equals(letter.destination())) {
                letters.add(letter);
            }
        }
        return letters;
    }

    @Test
    void aResultReachesAListAndABlockWithAllThatItsPacketHad() throws Exception {
        try (BlockUnderTest first = new BlockUnderTest("blk-first", log.writer);
                BlockUnderTest second = new BlockUnderTest("blk-second", log.writer);
                ListRedis redis = new ListRedis(0)) {
            first.start("in-a", 1);
            EchoInstance next = second.start("in-b", 1);
            String pointer =
                    """
                    {"is_graph":true,"graph":{
                      "blk-first":{"outputs":[%s,
                        {"host":"127.0.0.1:%d","port":0,"block_id":"blk-second"}]},
                      "final":{"outputs":[%s]}}}
                    """
                            .formatted(
                                    redis(redis.port(), "MIDDLE"),
                                    executor.grpcPort(),
                                    redis(redis.port(), "END"));
            AIOSPacket packet =
                    AIOSPacket.parseFrom(
                            to(pointer, "s", 7, "word").toBuilder()
                                    .setFramePtr(ByteString.copyFromUtf8("frame"))
                                    .build()
                                    .toByteString()
                                    // A field that nobody here knows.
                                    .concat(ByteString.fromHex("f80603")));

            infer("blk-first", packet);

            eventually().until(() -> redis.length("END") == 1);
            assertThat(AIOSPacket.parseFrom(redis.drain("MIDDLE").getFirst()))
                    .isEqualTo(packet.toBuilder().setData("echo word").build());
            assertThat(AIOSPacket.parseFrom(redis.drain("END").getFirst()))
                    .isEqualTo(packet.toBuilder().setData("echo echo word").build());
            assertThat(next.seen).containsExactly("s/7");
            assertThat(
                            log.records(Topic.OUTPUTS).stream()
                                    .filter(r ->
                                            "blk-first".equals(RecordCodec.text(r, "ce_subject"))))
                    .hasSize(1);
        }
    }

    private List<Result> results(ResultsRequest.Builder request) {
        List<Result> all = new ArrayList<>();
        ResultsGrpc.newBlockingStub(client.channel())
                .withDeadlineAfter(Duration.ofSeconds(60))
                .read(request.build())
                .forEachRemaining(all::add);
        return all;
    }

    @Test
    void theEndsOfASessionCanBeReadInOrderAndFromAnyOfThem() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-read", log.writer)) {
            block.start("in-a", 1);
            for (int i = 0; i < 30; i++) {
                String data = i % 10 == 3 ? "invalid" : "n" + i;
                infer(block.id, packet("r-" + i % 3, i, data));
            }
            log.awaitFinished(block.id, 30);
            ResultsRequest.Builder ask =
                    ResultsRequest.newBuilder().setBlockId(block.id).setSessionId("r-0");

            List<Result> all = results(ask);

            assertThat(all)
                    .extracting(Result::getSeqNo)
                    .containsExactly(0L, 3L, 6L, 9L, 12L, 15L, 18L, 21L, 24L, 27L);
            assertThat(all.get(1).getOutcome()).isEqualTo(Result.Outcome.FAILED);
            assertThat(all.get(1).getReason()).startsWith("in-a: INVALID_ARGUMENT");
            assertThat(all.get(2).getOutcome()).isEqualTo(Result.Outcome.COMPLETED);
            assertThat(all.get(2).getPacket()).isEqualTo(packet("r-0", 6, "echo n6"));
            for (int i = 0; i < all.size(); i += 3) {
                assertThat(results(ask.setAfter(all.get(i).getToken())))
                        .isEqualTo(all.subList(i + 1, all.size()));
            }

            Iterator<Result> following =
                    ResultsGrpc.newBlockingStub(client.channel())
                            .withDeadlineAfter(Duration.ofSeconds(60))
                            .read(ask.setAfter(all.getLast().getToken()).setFollow(true).build());
            infer(block.id, packet("r-0", 99, "late"));
            assertThat(following.next().getPacket().getData()).isEqualTo("echo late");

            assertThat(results(ask.setNow(true).setFollow(false))).isEmpty();
            assertThat(Client.statusOf(() -> results(ask.setAfter("x"))).getDescription())
                    .isEqualTo("after: x (expected: the token of a result)");
        }
    }

    @Test
    void aDeadDestinationIsNamedAndHoldsNobodyUp() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        try (BlockUnderTest block = new BlockUnderTest("blk-dead", log.writer);
                ListRedis redis = new ListRedis(0)) {
            block.start("in-a", 1);
            String dead = "{\"outputs\":[" + redis(nobody, "X") + "]}";
            String alive = "{\"outputs\":[" + redis(redis.port(), "Y") + "]}";
            infer(block.id, to(dead, "same", 1, "lost"));
            for (int i = 2; i <= 40; i++) {
                infer(block.id, to(alive, "same", i, "kept"));
            }

            eventually().until(() -> redis.length("Y") == 39);
            List<Long> order = new ArrayList<>();
            for (byte[] bytes : redis.drain("Y")) {
                order.add(AIOSPacket.parseFrom(bytes).getSeqNo());
            }
            assertThat(order).isSorted().doesNotHaveDuplicates();
            String destination = "redis://127.0.0.1:" + nobody + "/X";
            eventually().until(() -> !letters(destination).isEmpty());
            DeadLettered letter = letters(destination).getFirst();
            assertThat(letter.sourceTopic()).isEqualTo("blockplane.outputs");
            assertThat(letter.attempts()).isGreaterThan(3);
            assertThat(letter.reason()).contains("no result arrived for", "Connection refused");
            ConsumerRecord<String, byte[]> source =
                    log.records(Topic.OUTPUTS).stream()
                            .filter(r ->
                                    r.partition() == letter.sourcePartition()
                                            && r.offset() == letter.sourceOffset())
                            .findFirst()
                            .orElseThrow();
            assertThat(AIOSPacket.parseFrom(source.value()).getData()).isEqualTo("echo lost");
        }
    }

    @Test
    void whatWasNotDeliveredIsDeliveredByTheNextExecutorInOrder(@TempDir Path ownDir)
            throws Exception {
        int port;
        try (ListRedis redis = new ListRedis(0)) {
            port = redis.port();
        }
        DeliveryLimits patient =
                new DeliveryLimits(
                        Duration.ofMillis(20), Duration.ofMillis(200), Duration.ofMinutes(5));
        String pointer = "{\"outputs\":[" + redis(port, "LATER") + "]}";
        try (LogUnderTest own = LogUnderTest.start(ownDir);
                BlockUnderTest block = new BlockUnderTest("blk-later", own.writer)) {
            block.start("in-a", 1);
            ExecutorConfig config =
                    ExecutorConfig.defaults(own.kafka, "exec-l")
                            .withPorts(0, 0)
                            .withDelivery(patient);
            try (ExecutorRole first = new ExecutorRole(config)) {
                first.start();
                try (Client caller = new Client(first.grpcPort())) {
                    for (int i = 0; i < 20; i++) {
                        infer(caller, block.id, to(pointer, "s-" + i % 2, i, "x"));
                    }
                }
                own.awaitFinished(block.id, 20);
            }
            try (ExecutorRole second = new ExecutorRole(config)) {
                second.start();
                try (ListRedis redis = new ListRedis(port)) {
                    eventually().until(() -> redis.length("LATER") == 20);
                    List<Long> even = new ArrayList<>();
                    for (byte[] bytes : redis.drain("LATER")) {
                        AIOSPacket result = AIOSPacket.parseFrom(bytes);
                        if (result.getSessionId().equals("s-0")) {
                            even.add(result.getSeqNo());
                        }
                    }
                    assertThat(even).containsExactly(0L, 2L, 4L, 6L, 8L, 10L, 12L, 14L, 16L, 18L);
                }
            }
        }
    }
}
