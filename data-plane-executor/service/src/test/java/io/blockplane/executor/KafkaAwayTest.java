package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.Client.statusOf;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.grpc.Status;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka goes away and comes back. */
class KafkaAwayTest {

    @TempDir Path dir;

    @Test
    void refusesToInferGoesOnPredictingAndRecovers() throws Exception {
        try (LogUnderTest log = LogUnderTest.start(dir);
                BlockUnderTest block = new BlockUnderTest("blk-away", log.writer);
                ExecutorRole executor =
                        new ExecutorRole(
                                ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0))) {
            executor.start();
            EchoInstance echo = block.start("in-a", 4);
            try (Client client = new Client(executor.grpcPort())) {
                eventually()
                        .untilAsserted(() ->
                                assertThat(log.ticks(block.id))
                                        .anyMatch(t -> t.instances().size() == 1));
                client.infer(block.id, packet("before", 1, "x"));
                log.awaitFinished(block.id, 1);
                client.infer(block.id, packet("across", 1, "hold"));
                eventually().untilAsserted(() -> assertThat(echo.holding).hasValue(1));

                log.stopBroker();
                // Enough for a second time: at least once is what an instance sees.
                echo.released.release(10);
                for (int i = 0; i < 20; i++) {
                    assertThat(
                                    client.predict(block.id, packet("predict", i, "x"))
                                            .getPacket()
                                            .getData())
                            .isEqualTo("echo x");
                }
                Status status = statusOf(() -> client.infer(block.id, packet("away", 1, "x")));
                assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(status.getDescription())
                        .startsWith("the log did not confirm the packet within 10 s");
                log.startBroker();

                eventually()
                        .untilAsserted(() ->
                                assertThat(
                                                statusOf(() ->
                                                                client.infer(
                                                                        block.id,
                                                                        packet("after", 1, "x")))
                                                        .getCode())
                                        .isEqualTo(Status.Code.OK));
                eventually()
                        .untilAsserted(() -> {
                            assertThat(ended(log, block, "across")).isEqualTo(1);
                            assertThat(ended(log, block, "predict")).isEqualTo(20);
                            assertThat(ended(log, block, "after")).isGreaterThan(0);
                        });
                assertThat(log.finished(block.id))
                        .doesNotHaveDuplicates()
                        .extracting(TaskFinished::outcome)
                        .containsOnly(Outcome.COMPLETED);
                assertThat(executor.failure()).isNull();
            }
        }
    }

    private static long ended(LogUnderTest log, BlockUnderTest block, String session) {
        return log.finished(block.id).stream().filter(e -> e.sessionId().equals(session)).count();
    }
}
