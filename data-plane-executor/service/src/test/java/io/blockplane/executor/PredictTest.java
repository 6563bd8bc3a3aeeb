package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.Client.statusOf;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.log.RecordCodec;
import io.blockplane.proto.dataplane.v1.PredictRequest;
import io.blockplane.proto.dataplane.v1.PredictResponse;
import io.blockplane.proto.dataplane.v1.PredictionGrpc;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Predict, with the log beside it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
class PredictTest {

    private final LogUnderTest log;
    private final ExecutorRole executor;
    private final Client client;

    PredictTest(@TempDir Path dataDir) throws Exception {
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
    void answersAndWritesOneEventAndNothingElse() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-answer", log.writer)) {
            block.start("in-a", 1);
            awaitRoutable(block, 1);

            PredictResponse response = client.predict(block.id, packet("s", 9, "two words"));

            assertThat(response.getPacket()).isEqualTo(packet("s", 9, "echo two words"));
            assertThat(response.getInstanceId()).isEqualTo("in-a");
            assertThat(response.getInputTokens()).isEqualTo(2);
            assertThat(response.getOutputTokens()).isEqualTo(1);

            TaskFinished event = log.awaitFinished(block.id, 1).getFirst();
            assertThat(event.entry()).isEqualTo(Entry.PREDICT);
            assertThat(event.outcome()).isEqualTo(Outcome.COMPLETED);
            assertThat(event.taskId()).startsWith("exec-1-");
            assertThat(List.of(event.tokensIn(), event.tokensOut())).containsExactly(2L, 1L);
            for (Topic topic : List.of(Topic.INBOX, Topic.OUTPUTS)) {
                assertThat(log.records(topic))
                        .noneMatch(r -> block.id.equals(RecordCodec.text(r, "ce_subject")));
            }
        }
    }

    @Test
    void givesEachCallToTheInstanceWithTheFewestTasks() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-spread", log.writer)) {
            List<EchoInstance> instances = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                instances.add(block.start("in-" + i, 8));
            }
            awaitRoutable(block, 4);
            List<ListenableFuture<PredictResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                calls.add(async(block, "hold"));
                int expected = i + 1;
                eventually()
                        .untilAsserted(() ->
                                assertThat(instances.stream().mapToInt(e -> e.holding.get()).sum())
                                        .isEqualTo(expected));
            }

            assertThat(instances).extracting(e -> e.holding.get()).containsOnly(3);

            instances.forEach(e -> e.released.release(3));
            for (ListenableFuture<PredictResponse> call : calls) {
                call.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void tellsHowManyCallsWaitForAnInstance() throws Exception {
        SortedMap<String, PolicyBinding> oneAtATime =
                new TreeMap<>(
                        Map.of(
                                RoutingRules.POLICY_NAME,
                                new PolicyBinding(
                                        "builtin:round-robin",
                                        Json.EMPTY_OBJECT,
                                        Json.parse("{\"protection\":{\"max_outstanding\":1}}"))));
        try (BlockUnderTest block = new BlockUnderTest("blk-wait", log.writer, oneAtATime)) {
            EchoInstance echo = block.start("in-a", 4);
            awaitRoutable(block, 1);
            List<ListenableFuture<PredictResponse>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(async(block, "hold"));
            }
            eventually()
                    .untilAsserted(
                            () -> assertThat(log.ticks(block.id)).anyMatch(t -> t.queued() == 2));
            echo.released.release(3);
            for (ListenableFuture<PredictResponse> call : calls) {
                call.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void saysUnavailableWhenThereIsNoInstance() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-none", log.writer)) {
            eventually().untilAsserted(() -> assertThat(log.ticks(block.id)).isNotEmpty());

            Status status = statusOf(() -> client.predict(block.id, packet("s", 1, "x")));

            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription())
                    .isEqualTo("block blk-none has no instance that takes tasks now");
            TaskFinished event = log.awaitFinished(block.id, 1).getFirst();
            assertThat(event.outcome()).isEqualTo(Outcome.FAILED);
            assertThat(event.instanceId()).isNull();
            assertThat(event.attempts()).isZero();
        }
    }

    @Test
    void passesTheCallersDeadlineOn() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-deadline", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            awaitRoutable(block, 1);
            client.predict(block.id, packet("s", 0, "warm"));

            Status status =
                    statusOf(() ->
                            client.predict(
                                    block.id, packet("s", 1, "hold"), Duration.ofSeconds(2)));

            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            TaskFinished event = log.awaitFinished(block.id, 2).getLast();
            assertThat(event.outcome()).isEqualTo(Outcome.EXPIRED);
            assertThat(event.reason()).startsWith("the caller's deadline passed");
            eventually().untilAsserted(() -> assertThat(outstanding(block)).isZero());
            eventually()
                    .untilAsserted(() ->
                            assertThat(echo.cancelled)
                                    .as("what the instance began, less the warm-up")
                                    .hasValue(echo.seen.size() - 1));
        }
    }

    @Test
    void passesTheCallersCancellationOn() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-cancel", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            awaitRoutable(block, 1);
            ListenableFuture<PredictResponse> call = async(block, "hold");
            eventually().untilAsserted(() -> assertThat(echo.holding).hasValue(1));
            ListenableFuture<PredictResponse> waiting = async(block, "never seen");
            eventually().untilAsserted(() -> assertThat(outstanding(block)).isEqualTo(2));

            waiting.cancel(true);
            call.cancel(true);

            List<TaskFinished> events = log.awaitFinished(block.id, 2);
            assertThat(events)
                    .allSatisfy(e -> {
                        assertThat(e.outcome()).isEqualTo(Outcome.FAILED);
                        assertThat(e.reason()).isEqualTo("CANCELLED: the caller went away");
                    });
            eventually().untilAsserted(() -> assertThat(echo.cancelled).hasPositiveValue());
            client.predict(block.id, packet("s", 2, "after"));
        }
    }

    @Test
    void triesAnotherInstanceOnlyWhenOneTookNothing() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-retry", log.writer)) {
            for (String dead : List.of("in-dead-1", "in-dead-2")) {
                block.request(dead);
                block.ready(dead, 1, new InstanceAddress("grpc", "127.0.0.1:1", "http://x/"));
            }
            block.start("in-live", 2);
            awaitRoutable(block, 3);

            for (int i = 0; i < 10; i++) {
                assertThat(client.predict(block.id, packet("s", i, "x")).getInstanceId())
                        .isEqualTo("in-live");
            }
            assertThat(log.awaitFinished(block.id, 10))
                    .allSatisfy(e -> assertThat(e.attempts()).isLessThanOrEqualTo(3))
                    .anySatisfy(e -> assertThat(e.attempts()).isGreaterThan(1));
        }
    }

    @Test
    void doesNotTryAgainWhenAnInstanceIsLostWithTheTask() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-lost", log.writer)) {
            EchoInstance echo = block.start("in-a", 1);
            awaitRoutable(block, 1);
            ListenableFuture<PredictResponse> call = async(block, "hold");
            eventually().untilAsserted(() -> assertThat(echo.holding).hasValue(1));
            block.start("in-b", 1);
            awaitRoutable(block, 2);

            block.lost("in-a", 2);

            Status status = endOf(call);
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription())
                    .startsWith("instance in-a was lost while it had the task");
            echo.released.release();
        }
    }

    @Test
    void passesOnWhatTheInstanceSays() throws Exception {
        try (BlockUnderTest block = new BlockUnderTest("blk-says", log.writer)) {
            block.start("in-a", 1);
            awaitRoutable(block, 1);

            Status invalid = statusOf(() -> client.predict(block.id, packet("s", 1, "invalid")));
            Status broken = statusOf(() -> client.predict(block.id, packet("s", 2, "break")));

            assertThat(invalid.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(invalid.getDescription())
                    .isEqualTo("in-a: data: invalid (expected: something else)");
            assertThat(broken.getCode()).isEqualTo(Status.Code.INTERNAL);
            assertThat(log.awaitFinished(block.id, 2))
                    .extracting(TaskFinished::outcome)
                    .containsOnly(Outcome.FAILED);
        }
    }

    private ListenableFuture<PredictResponse> async(BlockUnderTest block, String data) {
        return PredictionGrpc.newFutureStub(client.channel())
                .predict(
                        PredictRequest.newBuilder()
                                .setBlockId(block.id)
                                .setPacket(packet("async", 1, data))
                                .build());
    }

    private static Status endOf(ListenableFuture<?> call) throws Exception {
        try {
            call.get(60, TimeUnit.SECONDS);
            return Status.OK;
        } catch (ExecutionException e) {
            return Status.fromThrowable(e);
        }
    }

    private int outstanding(BlockUnderTest block) {
        return log.ticks(block.id).getLast().instances().stream()
                .mapToInt(i -> i.outstanding())
                .sum();
    }

    private void awaitRoutable(BlockUnderTest block, int instances) {
        eventually()
                .untilAsserted(() ->
                        assertThat(log.ticks(block.id))
                                .anyMatch(t -> t.instances().size() == instances));
    }
}
