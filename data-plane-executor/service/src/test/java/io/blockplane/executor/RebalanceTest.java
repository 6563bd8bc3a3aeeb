package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.log.LogRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second executor joins while the first has tasks in hand, and leaves again. */
class RebalanceTest {

    private static final int SESSIONS = 12;

    @TempDir Path dataDir;

    @Test
    void partitionsGoToASecondExecutorAndBackAndEachPacketStillEndsOnceAndInOrder()
            throws Exception {
        try (LogUnderTest log = LogUnderTest.start(dataDir);
                BlockUnderTest block = new BlockUnderTest("blk-share", log.writer);
                ExecutorRole first = executor(log, "exec-1");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            first.start();
            block.start("in-a", 8);
            block.start("in-b", 8);
            AtomicBoolean stopped = new AtomicBoolean();
            AtomicInteger accepted = new AtomicInteger();
            try (Client client = new Client(first.grpcPort())) {
                eventually().untilAsserted(() -> assertThat(log.ticks(block.id)).isNotEmpty());
                List<Future<?>> senders = new ArrayList<>();
                for (int s = 0; s < SESSIONS; s++) {
                    String session = "share-" + s;
                    senders.add(
                            threads.submit(() -> {
                                for (int seq = 0; !stopped.get(); seq++) {
                                    client.infer(block.id, packet(session, seq, "sleep 20"));
                                    accepted.incrementAndGet();
                                }
                            }));
                }
                eventually()
                        .untilAsserted(() -> assertThat(endsBy(log, "exec-1")).isGreaterThan(100));
                try (ExecutorRole second = executor(log, "exec-2")) {
                    second.start();
                    eventually()
                            .untilAsserted(
                                    () -> assertThat(endsBy(log, "exec-2")).isGreaterThan(100));
                    assertThat(second.failure()).isNull();
                }
                // It left, and is not waited for until its session ends.
                assertThat(members(log)).isOne();
                int before = accepted.get();
                eventually()
                        .untilAsserted(
                                () -> assertThat(accepted).hasValueGreaterThan(before + 100));
                stopped.set(true);
                for (Future<?> sender : senders) {
                    sender.get(60, TimeUnit.SECONDS);
                }
                assertEachEndedOnceAndInOrder(
                        log.awaitFinished(block.id, accepted.get()), accepted.get());
            }
            assertThat(first.failure()).isNull();
        }
    }

    private static void assertEachEndedOnceAndInOrder(List<TaskFinished> ends, int accepted) {
        Map<String, List<Long>> bySession = new TreeMap<>();
        for (TaskFinished end : ends) {
            bySession
                    .computeIfAbsent(end.sessionId(), _ -> new ArrayList<>())
                    .add(Long.parseLong(end.seqNo()));
        }
        assertThat(bySession).hasSize(SESSIONS);
        assertThat(bySession.values()).allSatisfy(seqs -> assertThat(seqs).isSorted());
        assertThat(bySession.values().stream().mapToLong(s -> s.stream().distinct().count()).sum())
                .isEqualTo(accepted);
    }

    private static long endsBy(LogUnderTest log, String executorId) {
        return log.taskRecords().stream()
                .map(LogRecord::envelope)
                .filter(RebalanceTest::isEnd)
                .filter(e -> e.source().equals("/executor/" + executorId))
                .count();
    }

    private static int members(LogUnderTest log) throws Exception {
        try (Admin admin = log.kafka.admin()) {
            return admin
                    .describeConsumerGroups(List.of(InboxReader.GROUP))
                    .all()
                    .get()
                    .values()
                    .stream()
                    .mapToInt(group -> group.members().size())
                    .sum();
        }
    }

    private static boolean isEnd(Envelope<Event> envelope) {
        return envelope.event() instanceof TaskFinished;
    }

    private static ExecutorRole executor(LogUnderTest log, String id) throws Exception {
        return new ExecutorRole(ExecutorConfig.defaults(log.kafka, id).withPorts(0, 0));
    }
}
