package io.blockplane.executor;

import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.Topic;
import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction that outlives its limit, as one does when the whole process stands still. */
class LongTransactionIT {

    @TempDir Path dir;

    @Test
    void writesTheBatchOnceWhenKafkaAbortedItsTransaction() throws Exception {
        TopicPartition inbox = new TopicPartition(Topic.INBOX.topicName(), 0);
        GroupMembership membership = new GroupMembership();
        InboxProgress progress = InboxProgress.fresh();
        for (long offset = 0; offset < 4; offset++) {
            progress.read(offset);
        }
        try (LogUnderTest log = LogUnderTest.start(dir);
                Admin admin = log.kafka.admin();
                KafkaConsumer<String, byte[]> member =
                        log.kafka.groupConsumer(InboxReader.GROUP, "exec-1");
                InboxPartition partition =
                        new InboxPartition(
                                inbox,
                                progress,
                                task -> {
                                    throw new AssertionError(task);
                                })) {
            member.subscribe(List.of(inbox.topic()));
            while (member.assignment().isEmpty()) {
                member.poll(Duration.ofMillis(100));
            }
            membership.update(member.groupMetadata());
            try (TaskLog taskLog =
                    TaskLog.start(
                            log.kafka,
                            "exec-1",
                            membership,
                            Clock.systemUTC(),
                            new ExecutorMetrics())) {
                submit(taskLog, partition, 2);
                eventually().untilAsserted(() -> assertThat(log.taskRecords()).hasSize(1));

                // The writer needs this lock in the middle of its transaction.
                synchronized (partition) {
                    submit(taskLog, partition, 0);
                    Thread.sleep(TransactionWriter.TRANSACTION_LIMIT.plusMillis(200));
                    // As Kafka does at the next of its looks, one every ten seconds. The second
                    // transaction is the second producer's.
                    admin.fenceProducers(List.of("executor-exec-1-2")).all().get();
                }
                submit(taskLog, partition, 3);

                eventually().untilAsserted(() -> assertThat(log.taskRecords()).hasSize(3));
                assertThat(log.taskRecords())
                        .extracting(r -> r.envelope().id())
                        .containsExactly("e-2", "e-0", "e-3");
                assertThat(taskLog.failure()).isNull();
            }
            OffsetAndMetadata committed =
                    Objects.requireNonNull(member.committed(Set.of(inbox)).get(inbox));
            assertThat(committed.offset()).isEqualTo(1);
            InboxProgress resumed =
                    InboxProgress.resume(new Committed(committed.offset(), committed.metadata()));
            assertThat(List.of(resumed.read(1), resumed.read(2), resumed.read(3)))
                    .containsExactly(true, false, false);
        }
    }

    private static void submit(TaskLog taskLog, InboxPartition partition, long offset) {
        taskLog.submit(now ->
                new TaskLog.Entry(
                        new Envelope<>(
                                "e-" + offset,
                                "/test",
                                now.toEpochMilli(),
                                null,
                                null,
                                new Ticked("blk", "exec-1", offset * 1000, 0, List.of())),
                        null,
                        new TaskLog.Position(partition, offset)));
    }
}
