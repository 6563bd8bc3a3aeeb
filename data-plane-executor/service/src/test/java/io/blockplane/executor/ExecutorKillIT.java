package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance that is killed with tasks in its hands; {@link FaultLoopIT} kills all there is. */
class ExecutorKillIT {

    @TempDir Path dir;

    @Test
    void survivesTheKillOfAnInstanceThatIsAProcess() throws Exception {
        try (LogUnderTest log = LogUnderTest.start(dir.resolve("broker"));
                BlockUnderTest block = new BlockUnderTest("blk-instance", log.writer);
                ExecutorRole executor =
                        new ExecutorRole(
                                ExecutorConfig.defaults(log.kafka, "exec-1").withPorts(0, 0))) {
            executor.start();
            block.request("in-a");
            InstanceProcess first = InstanceProcess.start(block.id, "in-a");
            block.ready("in-a", 1, first.address());
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
                first.kill();
                block.lost("in-a", 2);
                block.serve("in-a", 2, 4, new EchoInstance());
                assertThat(log.awaitFinished(block.id, 3))
                        .extracting(TaskFinished::outcome)
                        .containsOnly(Outcome.COMPLETED);
            }
        }
    }
}
