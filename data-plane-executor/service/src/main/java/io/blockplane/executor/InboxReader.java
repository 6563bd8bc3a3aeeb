package io.blockplane.executor;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.blockplane.events.DeadLettered;
import io.blockplane.events.Envelope;
import io.blockplane.events.Topic;
import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import io.blockplane.executor.packet.Packet;
import io.blockplane.log.GroupReading;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads accepted packets from the inbox, on one thread, as a static member of the executors' group,
 * and hands them to their partition's queues. Reads no further than what may be open at once.
 */
final class InboxReader implements AutoCloseable {

    /** The group of all executors of a log. */
    static final String GROUP = "blockplane-executors";

    /** Packets that are not done, in bytes, over all partitions; at least one is always let in. */
    static final long MAX_OPEN_BYTES = 256L * 1024 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(InboxReader.class);
    private static final Duration POLL = Duration.ofMillis(100);

    /** While something is held back, its end is to be noticed soon. */
    private static final Duration POLL_HELD_BACK = Duration.ofMillis(20);

    /** A partition that was full is read again when a good part of it is free. */
    private static final int ROOM_TO_RESUME = InboxProgress.MAX_OPEN / 4;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final KafkaConsumer<String, byte[]> consumer;
    private final GroupMembership membership;
    private final TaskLog taskLog;
    private final String source;
    private final Function<InboxTask, InferRun> runner;
    private final Thread thread;

    /** Changed by the reader's thread alone. */
    private final Map<TopicPartition, InboxPartition> partitions = new ConcurrentHashMap<>();

    private long order;

    private volatile boolean stopped;
    private volatile boolean closing;
    private volatile @Nullable RuntimeException failure;

    private InboxReader(
            Kafka kafka,
            String executorId,
            GroupMembership membership,
            TaskLog taskLog,
            Function<InboxTask, InferRun> runner) {
        this.consumer = kafka.groupConsumer(GROUP, executorId);
        this.membership = membership;
        this.taskLog = taskLog;
        this.source = "/executor/" + executorId;
        this.runner = runner;
        this.thread = Thread.ofPlatform().daemon().name("inbox-reader").unstarted(this::run);
    }

    /**
     * Starts reading.
     *
     * @param runner makes the run of a task
     */
    static InboxReader start(
            Kafka kafka,
            String executorId,
            GroupMembership membership,
            TaskLog taskLog,
            Function<InboxTask, InferRun> runner) {
        InboxReader reader = new InboxReader(kafka, executorId, membership, taskLog, runner);
        reader.thread.start();
        return reader;
    }

    /** Why it stopped by itself; null while it runs. */
    @Nullable RuntimeException failure() {
        return failure;
    }

    /** Read tasks of a block that are not done. */
    int tasksOf(String blockId) {
        return partitions.values().stream().mapToInt(p -> p.tasksOf(blockId)).sum();
    }

    /** Read tasks that are not done. */
    int tasks() {
        return partitions.values().stream().mapToInt(InboxPartition::tasks).sum();
    }

    /** Reads no more and starts no more; what runs goes on. */
    void stopStarting() {
        stopped = true;
        partitions.values().forEach(InboxPartition::stopStarting);
    }

    /** Interrupts what runs, and leaves. */
    @Override
    public void close() {
        stopStarting();
        closing = true;
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            consumer.subscribe(List.of(Topic.INBOX.topicName()), new Rebalance());
            while (!closing) {
                boolean heldBack = !consumer.paused().isEmpty();
                ConsumerRecords<String, byte[]> records =
                        consumer.poll(heldBack ? POLL_HELD_BACK : POLL);
                membership.update(consumer.groupMetadata());
                for (TopicPartition partition : records.partitions()) {
                    admit(partitionOf(partition), records.records(partition));
                }
                holdBack();
            }
        } catch (WakeupException e) {
            // Only a close wakes it up.
        } catch (FencedInstanceIdException e) {
            membership.fence();
            stop(e);
        } catch (RuntimeException e) {
            stop(e);
        } finally {
            partitions.values().forEach(InboxPartition::close);
            GroupReading.leave(consumer, CLOSE_LIMIT);
        }
    }

    private void stop(RuntimeException cause) {
        failure = cause;
        LOG.atError().setCause(cause).log("inbox reader stopped: no accepted packet is processed");
    }

    private InboxPartition partitionOf(TopicPartition partition) {
        InboxPartition known = partitions.get(partition);
        if (known != null) {
            return known;
        }
        OffsetAndMetadata committed = GroupReading.committed(consumer, partition);
        InboxProgress progress =
                committed == null
                        ? InboxProgress.fresh()
                        : InboxProgress.resume(
                                new Committed(committed.offset(), committed.metadata()));
        LOG.atInfo()
                .addKeyValue("partition", partition)
                .addKeyValue("committed", committed == null ? "none" : committed.offset())
                .addKeyValue("open", progress.open())
                .log("inbox partition taken over");
        InboxPartition taken = new InboxPartition(partition, progress, runner);
        partitions.put(partition, taken);
        return taken;
    }

    private void admit(InboxPartition partition, List<ConsumerRecord<String, byte[]>> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            if (stopped || partition.room() == 0 || (openBytes() > MAX_OPEN_BYTES)) {
                consumer.seek(partition.topicPartition(), record.offset());
                consumer.pause(Set.of(partition.topicPartition()));
                return;
            }
            if (partition.read(record.offset())) {
                admit(partition, record);
            }
        }
    }

    private void admit(InboxPartition partition, ConsumerRecord<String, byte[]> record) {
        InboxTask task;
        try {
            task = task(partition, record);
        } catch (InvalidProtocolBufferException
                | DateTimeParseException
                | IllegalArgumentException e) {
            bury(partition, record, e);
            return;
        }
        partition.admit(task);
    }

    private InboxTask task(InboxPartition partition, ConsumerRecord<String, byte[]> record)
            throws InvalidProtocolBufferException {
        return new InboxTask(
                partition,
                record.offset(),
                required(record, "ce_id"),
                order++,
                required(record, "ce_subject"),
                Packet.read(UnsafeByteOperations.unsafeWrap(record.value())),
                record.value().length,
                Instant.parse(required(record, "ce_time")));
    }

    private static String required(ConsumerRecord<?, ?> record, String header) {
        String value = RecordCodec.text(record, header);
        if (value == null) {
            throw new IllegalArgumentException("header " + header + " is missing");
        }
        return value;
    }

    /** What nobody here wrote: not processed, and said so in the log. */
    private void bury(
            InboxPartition partition, ConsumerRecord<String, byte[]> record, Exception reason) {
        String text = "not an accepted packet: " + reason.getMessage();
        LOG.atError()
                .addKeyValue("partition", partition.topicPartition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("error", text)
                .log("inbox record can't be read");
        taskLog.submit(now ->
                new TaskLog.Entry(
                        new Envelope<>(
                                "dead-inbox-" + partition.number() + "-" + record.offset(),
                                source,
                                now.toEpochMilli(),
                                null,
                                null,
                                new DeadLettered(
                                        record.topic(),
                                        record.partition(),
                                        record.offset(),
                                        text,
                                        null)),
                        null,
                        new TaskLog.Position(partition, record.offset())));
    }

    private long openBytes() {
        // Asked for each record.
        long bytes = 0;
        for (InboxPartition partition : partitions.values()) {
            bytes += partition.bytes();
        }
        return bytes;
    }

    /** Reads only partitions that have room; one that is not begun has it. */
    private void holdBack() {
        GroupReading.holdBack(
                consumer,
                stopped || openBytes() > MAX_OPEN_BYTES,
                partition -> {
                    InboxPartition known = partitions.get(partition);
                    return known == null ? Integer.MAX_VALUE : known.room();
                },
                ROOM_TO_RESUME);
    }

    /** Called inside poll, on the reader's thread. */
    private final class Rebalance implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
            LOG.atInfo().addKeyValue("partitions", assigned).log("inbox partitions assigned");
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
            for (TopicPartition partition : revoked) {
                InboxPartition gone = partitions.remove(partition);
                if (gone != null) {
                    gone.close();
                }
            }
        }
    }
}
