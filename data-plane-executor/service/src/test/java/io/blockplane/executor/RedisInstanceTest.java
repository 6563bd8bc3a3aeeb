package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.Client.statusOf;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.InstanceAddress;
import io.blockplane.events.TaskEvent.InstanceReported;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.executor.resp.Command;
import io.blockplane.executor.resp.ListRedis;
import io.blockplane.executor.resp.Reply;
import io.blockplane.executor.resp.RespConnection;
import io.blockplane.executor.resp.RespConnection.Outcome.Replied;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Instances behind Redis lists, and the executor's RESP port. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisInstanceTest {

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;
    private final RespConnection redis;

    RedisInstanceTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        executor = new ExecutorRole(ExecutorConfig.defaults(log.kafka, "exec-r").withPorts(0, 0));
        executor.start();
        client = new Client(executor.grpcPort());
        redis = new RespConnection("127.0.0.1", executor.redisPort());
    }

    @AfterAll
    void close() {
        assertThat(executor.failure()).isNull();
        redis.close();
        client.close();
        executor.close();
        log.close();
    }

    private static void ready(BlockUnderTest block, String instanceId, int port) throws Exception {
        block.request(instanceId);
        block.ready(
                instanceId,
                1,
                new InstanceAddress("redis", "127.0.0.1:" + port, "http://127.0.0.1:1/health"));
    }

    private void infer(String blockId, AIOSPacket packet) {
        eventually()
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(client.infer(blockId, packet)).isTrue());
    }

    private Reply say(Command command) {
        return redis.exchange(List.of(command)).getFirst() instanceof Replied(Reply reply)
                ? reply
                : Reply.error("no reply");
    }

    @Test
    void anInstanceWithARedisOfItsOwnAnswersInferAndPredictAndItsPointerIsOurs() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-own", log.writer);
                ListRedis own = new ListRedis(0);
                ListRedis results = new ListRedis(0);
                PoppingInstance instance =
                        PoppingInstance.start("blk-own", own.port(), executor.redisPort())) {
            ready(block, "in-a", own.port());
            String pointer =
                    "{\"outputs\":[{\"host\":\"127.0.0.1\",\"port\":%d,\"queue_name\":\"R\"}]}"
                            .formatted(results.port());
            AIOSPacket sent = packet("s", 1, "x").toBuilder().setOutputPtr(pointer).build();

            infer(block.id, sent);
            TaskFinished end = log.awaitFinished(block.id, 1).getFirst();

            assertThat(end.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(end.instanceId()).isEqualTo("in-a");
            eventually().until(() -> results.length("R") == 1);
            assertThat(AIOSPacket.parseFrom(results.drain("R").getFirst()))
                    .isEqualTo(sent.toBuilder().setData("popped x").build());
            assertThat(instance.pointers).containsExactly("");
            assertThat(client.predict(block.id, packet("s", 2, "y")).getPacket())
                    .isEqualTo(packet("s", 2, "popped y"));
            List<String> pieces = new ArrayList<>();
            PredictionGrpc.newBlockingStub(client.channel())
                    .withDeadlineAfter(Duration.ofSeconds(30))
                    .predictStream(
                            PredictRequest.newBuilder()
                                    .setBlockId(block.id)
                                    .setPacket(packet("s", 3, "z"))
                                    .build())
                    .forEachRemaining(piece -> pieces.add(piece.getDelta()));
            assertThat(pieces).containsExactly("popped z", "");
        }
    }

    @Test
    void tasksOfAnInstanceThatGoesAwayAreDoneByAnotherExactlyOnce() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-gone", log.writer);
                ListRedis dying = new ListRedis(0);
                PoppingInstance silent =
                        PoppingInstance.silent("blk-gone", dying.port(), executor.redisPort())) {
            ready(block, "in-a", dying.port());
            for (int i = 0; i < 12; i++) {
                infer(block.id, packet("s-" + i % 4, i, "x"));
            }
            eventually().until(() -> silent.seen.size() == 4);
            try (ListRedis other = new ListRedis(0);
                    PoppingInstance working =
                            PoppingInstance.start("blk-gone", other.port(), executor.redisPort())) {
                ready(block, "in-b", other.port());
                block.lost("in-a", 2);

                List<TaskFinished> ends = log.awaitFinished(block.id, 12);

                assertThat(ends).allMatch(e -> e.outcome() == Outcome.COMPLETED);
                assertThat(ends).allMatch(e -> "in-b".equals(e.instanceId()));
                assertThat(working.seen).hasSize(12);
                assertThat(dying.length("blk-gone_inputs")).isZero();
            }
        }
    }

    @Test
    void anInstanceMayHaveItsListHereAndLosesItsTasksWithItsConnection() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-here", log.writer)) {
            ready(block, "in-a", executor.redisPort());
            try (PoppingInstance silent =
                    PoppingInstance.silent(
                            "blk-here", executor.redisPort(), executor.redisPort())) {
                infer(block.id, packet("s", 1, "x"));
                eventually().until(() -> silent.seen.size() == 1);
            }
            try (PoppingInstance _ =
                    PoppingInstance.start("blk-here", executor.redisPort(), executor.redisPort())) {
                TaskFinished end = log.awaitFinished(block.id, 1).getFirst();

                assertThat(end.outcome()).isEqualTo(Outcome.COMPLETED);
                assertThat(end.attempts()).isEqualTo(2);
            }
        }
    }

    @Test
    void anAnswerThatNeverComesIsTheCallersDeadline() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-mute", log.writer);
                ListRedis own = new ListRedis(0)) {
            ready(block, "in-a", own.port());
            eventually()
                    .untilAsserted(() ->
                            assertThat(
                                            statusOf(() ->
                                                            client.predict(
                                                                    block.id,
                                                                    packet("s", 1, "x"),
                                                                    Duration.ofMillis(500)))
                                                    .getCode())
                                    .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
            eventually().until(() -> own.length("blk-mute_inputs") == 0);
        }
    }

    @Test
    void packetsOverRespAreAcceptedOrRefusedAsByInfer() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-resp", log.writer)) {
            block.start("in-a", 1);
            byte[] good = packet("s", 1, "x").toByteArray();
            Command push = Command.of("LPUSH", "EXECUTOR_INPUTS:blk-resp");
            eventually()
                    .untilAsserted(
                            () -> assertThat(say(push.with(good))).isEqualTo(new Reply.Whole(1)));
            assertThat(
                            say(
                                    push.with(packet("s", 2, "y").toByteArray())
                                            .with(packet("s", 3, "z").toByteArray())))
                    .isEqualTo(new Reply.Whole(2));

            assertThat(log.awaitFinished(block.id, 3))
                    .extracting(TaskFinished::seqNo)
                    .containsExactly("1", "2", "3");
            assertThat(say(push.with(packet("", 2, "y").toByteArray())))
                    .isEqualTo(
                            new Reply.Failure(
                                    "ERR INVALID_ARGUMENT rpc_data.session_id: empty (expected:"
                                            + " the id of a session)"));
            assertThat(say(Command.of("LPUSH", "EXECUTOR_INPUTS:blk-no").with(good)))
                    .isEqualTo(
                            new Reply.Failure(
                                    "ERR NOT_FOUND x-service-name: blk-no (expected: the id of a"
                                            + " block that exists)"));
        }
    }

    @Test
    void metricsDocumentsBecomeEventsOfTheLog() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-docs", log.writer)) {
            block.start("in-a", 1);
            String document =
                    """
                    {"blockId":"blk-docs","instanceId":"in-a","nodeId":"n","type":"app",
                     "timestamp":1.5,"my_gauge":7,"my_rolling":{"current":1,"average_1m":2,
                     "average_5m":3,"average_15m":4}}
                    """;
            Command push = Command.of("LPUSH", "NODE_METRICS");
            eventually().until(() -> log.ticks(block.id).size() > 0);

            assertThat(say(push.with(document.getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(new Reply.Whole(1));
            assertThat(say(push.with("no json".getBytes(StandardCharsets.UTF_8))))
                    .isEqualTo(new Reply.Whole(1));

            eventually()
                    .untilAsserted(() ->
                            assertThat(log.taskEvents(block.id))
                                    .filteredOn(InstanceReported.class::isInstance)
                                    .singleElement()
                                    .satisfies(event -> {
                                        InstanceReported report = (InstanceReported) event;
                                        assertThat(report.instanceId()).isEqualTo("in-a");
                                        assertThat(report.document().text())
                                                .startsWith("{\"nodeId\":\"n\",\"timestamp\":1.5,")
                                                .contains("\"my_gauge\":7");
                                    }));
        }
    }

    @Test
    void saysWhatRedisSaysToClientsThatConnectAndNamesWhatItDoesNotKnow() {
        assertThat(say(Command.of("PING"))).isEqualTo(new Reply.Simple("PONG"));
        assertThat(say(Command.of("HELLO", "3")))
                .isEqualTo(new Reply.Failure("NOPROTO unsupported protocol version (expected: 2)"));
        assertThat(say(Command.of("HELLO", "2"))).isInstanceOf(Reply.Many.class);
        assertThat(say(Command.of("CLIENT", "SETINFO", "LIB-NAME", "x"))).isEqualTo(Reply.OK);
        assertThat(say(Command.of("SELECT", "0"))).isEqualTo(Reply.OK);
        assertThat(say(Command.of("SELECT", "1")))
                .isEqualTo(Reply.error("DB index is out of range (expected: 0)"));
        assertThat(say(Command.of("INFO"))).isInstanceOf(Reply.Bulk.class);
        assertThat(say(Command.of("FLUSHALL")).toString()).contains("unknown command 'FLUSHALL'");
        assertThat(say(Command.of("LPUSH", "K", "v")).toString())
                .contains("LPUSH K: no such key", "EXECUTOR_INPUTS");
        assertThat(say(Command.of("LPUSH", "K")))
                .isEqualTo(Reply.error("wrong number of arguments for 'lpush' command"));
        assertThat(say(Command.of("BRPOP", "PARAMETER_UPDATES", "0.05")))
                .isEqualTo(new Reply.NullList());
        assertThat(say(Command.of("LPUSH", "PARAMETER_UPDATES", "{}")))
                .isEqualTo(new Reply.Whole(1));
        assertThat(say(Command.of("LLEN", "PARAMETER_UPDATES"))).isEqualTo(new Reply.Whole(1));
        assertThat(say(Command.of("BRPOP", "PARAMETER_UPDATES", "0")))
                .isInstanceOf(Reply.Many.class);
        assertThat(say(Command.of("RPUSH", "EVENTS_QUEUE", "{\"event_name\":\"e\"}")))
                .isEqualTo(new Reply.Whole(1));
    }
}
