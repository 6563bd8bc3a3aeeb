package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.RecordCodec;
import io.blockplane.proto.aios.AIOSPacket;
import io.blockplane.proto.dataplane.v1.PredictPiece;
import io.blockplane.proto.dataplane.v1.StreamEnd;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** PredictStream, from a caller to an instance and back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PredictStreamTest {

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;

    PredictStreamTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        executor = start("exec-1");
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
    void passesEachPieceOnWhileTheInstanceMakesTheNext() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-pieces", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            awaitRoutable(block);

            Iterator<PredictPiece> pieces = client.stream(block.id, packet("s", 1, "pieces 3 300"));

            assertThat(pieces.next().getDelta()).isEqualTo("piece0 ");
            assertThat(log.finished(block.id)).as("the task goes on").isEmpty();
            assertThat(rest(pieces))
                    .containsExactly(
                            PredictPiece.newBuilder().setDelta("piece1 ").build(),
                            PredictPiece.newBuilder().setDelta("piece2 ").build(),
                            PredictPiece.newBuilder()
                                    .setEnd(
                                            StreamEnd.newBuilder()
                                                    .setInstanceId("in-a")
                                                    .setInputTokens(1)
                                                    .setOutputTokens(3))
                                    .build());
            TaskFinished event = log.awaitFinished(block.id, 1).getFirst();
            assertThat(event.entry()).isEqualTo(Entry.PREDICT);
            assertThat(event.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(event.tokensOut()).isEqualTo(3);
            assertThat(echo.seen).containsExactly("s/1");
        }
    }

    @Test
    void aCallerThatGoesAwayEndsTheWorkOfTheInstance() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-cancel", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            awaitRoutable(block);
            Context.CancellableContext context = Context.current().withCancellation();
            context.run(() -> {
                Iterator<PredictPiece> pieces =
                        client.stream(block.id, packet("s", 1, "pieces 10000 20"));
                assertThat(pieces.next().getDelta()).isEqualTo("piece0 ");
            });

            context.cancel(null);

            eventually().untilAsserted(() -> assertThat(echo.cancelled).hasValue(1));
            TaskFinished event = log.awaitFinished(block.id, 1).getFirst();
            assertThat(event.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(event.reason()).isEqualTo("CANCELLED: the caller went away");
        }
    }

    @Test
    void triesNoOtherInstanceOnceAPieceWasSent() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-lost", log.writer)) {
            block.request("in-a");
            try (InstanceProcess instance = InstanceProcess.start(block.id, "in-a")) {
                block.ready("in-a", 1, instance.address());
                awaitRoutable(block);
                Iterator<PredictPiece> pieces =
                        client.stream(block.id, packet("s", 1, "pieces 10000 20"));
                assertThat(pieces.next().getDelta()).isEqualTo("piece0 ");
                EchoInstance other = block.start("in-b", 1);

                instance.kill();

                assertThatThrownBy(() -> rest(pieces))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                e -> {
                                    assertThat(e.getStatus().getCode())
                                            .isEqualTo(Status.Code.UNAVAILABLE);
                                    assertThat(e.getStatus().getDescription())
                                            .startsWith("instance in-a was lost while it had");
                                });
                assertThat(other.seen).isEmpty();
            }
        }
    }

    @Test
    void keepsTheOutputWhenTheBlockAsks() throws Exception {
        try (BlockUnderTest block =
                new BlockUnderTest(
                        "blk-store",
                        log.writer,
                        new TreeMap<>(),
                        Json.parse("{\"storePredictions\": true}"))) {
            block.start("in-a", 1);
            awaitRoutable(block);

            rest(client.stream(block.id, packet("s", 1, "pieces 3 1")));
            client.predict(block.id, packet("s", 2, "whole"));

            log.awaitFinished(block.id, 2);
            List<String> outputs = new ArrayList<>();
            for (ConsumerRecord<String, byte[]> record : log.records(Topic.OUTPUTS)) {
                if (block.id.equals(RecordCodec.text(record, "ce_subject"))) {
                    outputs.add(AIOSPacket.parseFrom(record.value()).getData());
                }
            }
            assertThat(outputs).containsExactly("piece0 piece1 piece2 ", "echo whole");
        }
    }

    @Test
    void aStreamRunsToItsEndWhenItsInstanceDrainsAndWhenItsExecutorStops() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-drain", log.writer)) {
            block.start("in-a", 1);
            ExecutorRole stopping = start("exec-2");
            try (Client caller = new Client(stopping.grpcPort())) {
                awaitRoutable(block);
                Iterator<PredictPiece> pieces =
                        caller.stream(block.id, packet("s", 1, "pieces 30 50"));
                assertThat(pieces.next().getDelta()).isEqualTo("piece0 ");
                block.draining("in-a");

                CompletableFuture<Void> closed = CompletableFuture.runAsync(stopping::close);

                assertThat(rest(pieces)).hasSize(30);
                closed.join();
            }
            assertThat(log.awaitFinished(block.id, 1).getFirst().outcome())
                    .isEqualTo(Outcome.COMPLETED);
        }
    }

    private ExecutorRole start(String executorId) throws Exception {
        ExecutorRole role =
                new ExecutorRole(ExecutorConfig.defaults(log.kafka, executorId).withPorts(0, 0));
        role.start();
        return role;
    }

    private static List<PredictPiece> rest(Iterator<PredictPiece> pieces) {
        List<PredictPiece> rest = new ArrayList<>();
        pieces.forEachRemaining(rest::add);
        return rest;
    }

    private void awaitRoutable(BlockUnderTest block) {
        eventually()
                .untilAsserted(() ->
                        assertThat(log.ticks(block.id))
                                .anyMatch(tick -> !tick.instances().isEmpty()));
    }
}
