package io.blockplane.executor;

import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.RecordCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executors, instances and the broker are killed (kill -9) at random under load. The build does it
 * a few times; {@code -Dfaults=100 -Dfaults.seed=7} says how often and which.
 */
class FaultLoopIT {

    private static final Logger LOG = LoggerFactory.getLogger(FaultLoopIT.class);
    private static final int FAULTS = Integer.getInteger("faults", 4);
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final int MAX_PAUSE_MS = 2_000;

    @TempDir Path dir;

    @Test
    void eachAcceptedPacketEndsOnceAndInOrderWhateverIsKilled() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        try (FaultyHouse house = new FaultyHouse(dir)) {
            FaultLoad load = new FaultLoad(house, SEED);
            try {
                for (int i = 1; i <= FAULTS; i++) {
                    Thread.sleep(random.nextInt(MAX_PAUSE_MS));
                    LOG.atInfo()
                            .addKeyValue("number", i)
                            .addKeyValue("accepted", load.accepted.size())
                            .addKeyValue("predicted", load.predicted)
                            .addKeyValue("killed", house.fault(random))
                            .log("fault");
                }
                Thread.sleep(MAX_PAUSE_MS);
            } finally {
                load.stop();
            }
            List<ConsumerRecord<String, byte[]>> inbox = house.log.records(Topic.INBOX);
            Set<String> missing = new HashSet<>(load.accepted.keySet());
            inbox.forEach(r -> missing.remove(RecordCodec.text(r, "ce_correlationid")));
            assertThat(missing).as("accepted packets that are not in the inbox").isEmpty();
            assertEachEndedOnce(house, inbox);
            assertOrder(house, inbox);
            assertThat(load.predicted.get()).isPositive();
            assertThat(load.refusals)
                    .as("Predict fails only where an instance died with the call")
                    .allSatisfy(r -> assertThat(r).contains("was lost while it had the task"));
        }
    }

    private static void assertEachEndedOnce(
            FaultyHouse house, List<ConsumerRecord<String, byte[]>> inbox) {
        eventually()
                .untilAsserted(() ->
                        assertThat(inferred(house)).hasSizeGreaterThanOrEqualTo(inbox.size()));
        // Sorted and compared: after a hundred faults these are some hundred thousand.
        List<String> expected =
                inbox.stream()
                        .map(r -> "task-" + r.partition() + "-" + r.offset())
                        .sorted()
                        .toList();
        assertThat(
                        house.log.taskRecords().stream()
                                .map(LogRecord::envelope)
                                .filter(e ->
                                        e.event() instanceof TaskFinished task
                                                && task.entry() == Entry.INFER)
                                .map(Envelope<Event>::id)
                                .sorted()
                                .toList())
                .as("one terminal event for each packet of the inbox")
                .isEqualTo(expected);
        assertThat(inferred(house).stream().map(TaskFinished::outcome).distinct())
                .containsExactly(Outcome.COMPLETED);
        assertThat(
                        house.log.records(Topic.OUTPUTS).stream()
                                .map(r -> RecordCodec.text(r, "ce_causationid"))
                                .sorted()
                                .toList())
                .as("one output for each packet of the inbox")
                .isEqualTo(expected);
    }

    private static void assertOrder(FaultyHouse house, List<ConsumerRecord<String, byte[]>> inbox) {
        Map<String, List<Long>> offsetsBySession = new TreeMap<>();
        Map<String, Long> offsets = new HashMap<>();
        inbox.forEach(r -> offsets.put(r.partition() + "-" + r.offset(), r.offset()));
        for (TaskFinished event : inferred(house)) {
            offsetsBySession
                    .computeIfAbsent(event.sessionId(), _ -> new ArrayList<>())
                    .add(offsets.getOrDefault(event.taskId(), -1L));
        }
        assertThat(offsetsBySession.values())
                .as("the order of each session")
                .hasSize(FaultLoad.SESSIONS)
                .allSatisfy(o -> assertThat(o).isSorted());
    }

    private static List<TaskFinished> inferred(FaultyHouse house) {
        return house.log.finished(house.block.id).stream()
                .filter(task -> task.entry() == Entry.INFER)
                .toList();
    }
}
