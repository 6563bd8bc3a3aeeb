package io.blockplane.replay.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.InstanceAddress;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Operation;
import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.simulator.Scenario.Loss;
import io.blockplane.simulator.workload.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RecordedBlockTest {

    private static final long T = 1_700_000_000_000L;
    private static final InstanceAddress ADDRESS = new InstanceAddress("grpc", "a:1", "");

    private final List<LogRecord<Event>> log = new ArrayList<>();
    private long version;

    @BeforeEach
    void record() {
        BlockSpec spec =
                new BlockSpec(
                        "b",
                        "builtin:llm-sim",
                        1,
                        4,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        new TreeMap<>());
        add(0, new BlockEvent.BlockCreated("b", ++version, spec));
        add(0, new BlockEvent.InstanceRequested("b", ++version, "i1", 1));
        add(900, new BlockEvent.InstanceReady("b", ++version, "i1", 1, ADDRESS));
        add(
                20_000,
                new BlockEvent.ScaleApplied(
                        "b",
                        ++version,
                        Operation.UPSCALE,
                        1,
                        1,
                        2,
                        List.of("i2"),
                        List.of(),
                        List.of(),
                        null));
        add(20_000, new BlockEvent.InstanceRequested("b", ++version, "i2", 2));
        add(23_000, new BlockEvent.InstanceReady("b", ++version, "i2", 1, ADDRESS));
        add(25_000, new BlockEvent.InstanceLost("b", ++version, "i2", 2, 1, null));
        add(26_500, new BlockEvent.InstanceReady("b", ++version, "i2", 2, ADDRESS));
        add(30_000, new BlockEvent.InstanceDraining("b", ++version, "i2"));
        task("s", 0, "i1", Outcome.COMPLETED, 11_000, 0, 1_000, 500, 20);
        task("s", 1, "i2", Outcome.COMPLETED, 31_000, 200, 3_800, 700, 30);
        task("t", 0, null, Outcome.FAILED, 28_000, 0, 0, 0, 0);
        task("t", 1, "i1", Outcome.COMPLETED, 41_000, 0, 1_000, 900, 40);
        add(31_400, new BlockEvent.InstanceStopped("b", ++version, "i2", 0));
    }

    @Test
    void requestsComeInWhenTheyDidWithTheirSizesAndTakeWhatTheyTook() throws IOException {
        RecordedWorkload recorded = workload(Long.MAX_VALUE / 1_000);
        assertThat(recorded.workload().originMs()).isEqualTo(T);
        assertThat(recorded.workload().requests())
                .extracting(Request::atNanos)
                .containsExactly(
                        10_000_000_000L, 27_000_000_000L, 28_000_000_000L, 40_000_000_000L);
        List<Integer> in = recorded.workload().requests().stream().map(Request::tokensIn).toList();
        assertThat(in).startsWith(500, 700).endsWith(900);
        assertThat(in.get(2)).as("drawn").isIn(500, 700, 900);
        assertThat(recorded.workload().requests())
                .extracting(Request::serviceNanos)
                .containsExactly(1_000_000_000L, 3_800_000_000L, -1L, 1_000_000_000L);
        assertThat(recorded.withoutSize()).isEqualTo(1);
    }

    @Test
    void whatHappenedIsMeasuredBetweenTheFirstAndTheLastArrival() throws IOException {
        var measured = workload(Long.MAX_VALUE / 1_000).recorded();
        assertThat(measured.instanceSeconds()).isCloseTo(30 + 11.4, within(1e-9));
        assertThat(measured.sloAttainment()).as("two of four in 2 s").isEqualTo(0.5);
        assertThat(measured.total().max()).isEqualTo(4_000);
        assertThat(measured.queue().max()).isEqualTo(200);
        assertThat(measured.scaleActions()).isEqualTo(1);
    }

    @Test
    void instancesStartStopAndAreLostAsTheyWere() {
        RecordedBlock block = RecordedBlock.of("b", log);
        assertThat(block.lives().startUpsMs())
                .as("without the block's first")
                .containsExactly(3_000.0, 1_500.0);
        assertThat(block.spec().maxInstances()).isEqualTo(4);
        assertThat(block.lives().stopsMs()).as("after its last task").containsExactly(400.0);
        assertThat(block.lives().losses(T, T + 60_000))
                .containsExactly(new Loss(25_000_000_000L, 1));
        assertThat(block.lives().wanted(T + 5_000)).isEqualTo(1);
        assertThat(block.lives().wanted(T + 29_000)).isEqualTo(2);
        assertThat(block.lives().wanted(T + 30_000)).isEqualTo(1);
    }

    @Test
    void aSpanWithoutTasksIsRefused() {
        assertThatThrownBy(() -> workload(T + 5_000))
                .isInstanceOf(IOException.class)
                .hasMessage("log: no tasks of the block in this span of time");
    }

    private RecordedWorkload workload(long toMs) throws IOException {
        return RecordedWorkload.of(
                RecordedBlock.of("b", log), "log", Long.MIN_VALUE / 1_000, toMs, 2_000);
    }

    private void add(long ms, BlockEvent event) {
        log.add(record(Topic.EVENTS, ms, event));
    }

    private void task(
            String session,
            long seqNo,
            @Nullable String instanceId,
            Outcome outcome,
            long endMs,
            long queueMs,
            long serviceMs,
            long tokensIn,
            long tokensOut) {
        log.add(
                record(
                        Topic.TASKS,
                        endMs,
                        new TaskFinished(
                                "b",
                                session + seqNo,
                                TaskEvent.Entry.PREDICT,
                                session,
                                Long.toString(seqNo),
                                instanceId,
                                outcome,
                                outcome == Outcome.COMPLETED ? null : "UNAVAILABLE",
                                T + endMs,
                                queueMs * 1_000,
                                serviceMs * 1_000,
                                (queueMs + serviceMs) * 1_000,
                                tokensIn,
                                tokensOut,
                                1,
                                null)));
    }

    private LogRecord<Event> record(Topic topic, long ms, Event event) {
        Envelope<Event> envelope =
                new Envelope<>("e" + log.size(), "/test", T + ms, null, null, event);
        return new LogRecord<>(topic, 0, log.size(), envelope, "{}", null);
    }
}
