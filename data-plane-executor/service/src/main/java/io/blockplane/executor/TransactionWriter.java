package io.blockplane.executor;

import io.blockplane.executor.core.InboxProgress;
import io.blockplane.executor.core.InboxProgress.Committed;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one batch after the other durable, each in one transaction, and tries again until that
 * worked. Used by the task log's thread alone, but for {@link #giveUpAfter}.
 *
 * <p>Two producers take turns, never at once: when a commit is answered, Kafka still writes its
 * markers, and the same producer's next transaction would be put off until they are there.
 *
 * <p>What can go wrong, and what follows:
 *
 * <ol>
 *   <li>Kafka is away or slow, the group is rebalancing: abort, wait a little, again.
 *   <li>The commit's answer does not come: ask again; nothing else is allowed then.
 *   <li>The producer is beyond use, or the coordinator aborted a transaction that Kafka's own
 *       absence made too long: a new producer, and a look at the committed progress, which says
 *       whether the batch was written.
 *   <li>Another process has this executor's id: stop, it is the other one's work now.
 * </ol>
 */
final class TransactionWriter implements AutoCloseable {

    /** Longer than this, and the coordinator may have aborted the transaction on its own. */
    static final Duration TRANSACTION_LIMIT = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(TransactionWriter.class);
    private static final long FIRST_PAUSE_MS = 50;
    private static final long MAX_PAUSE_MS = 1_000;

    /** The time in which a fenced group member learns of it: some heartbeats. */
    private static final Duration FENCE_NEWS = Duration.ofSeconds(5);

    private final Kafka kafka;
    private final GroupMembership membership;
    private final Turn[] turns;
    private int next;
    private volatile long giveUpAtNanos;
    private volatile boolean givingUp;

    /** A transactional id, and its producer of now. */
    private static final class Turn {
        private final Kafka kafka;
        private final String transactionalId;
        private volatile KafkaProducer<String, byte[]> producer;

        /** Fences any older producer of this id. */
        private Turn(Kafka kafka, String transactionalId) {
            this.kafka = kafka;
            this.transactionalId = transactionalId;
            this.producer = kafka.transactionalProducer(transactionalId);
            initialise();
        }

        private void reopen() {
            close();
            producer = kafka.transactionalProducer(transactionalId);
            initialise();
        }

        private void initialise() {
            try {
                producer.initTransactions();
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private void close() {
            producer.close(Duration.ZERO);
        }
    }

    private TransactionWriter(Kafka kafka, GroupMembership membership, Turn... turns) {
        this.kafka = kafka;
        this.membership = membership;
        this.turns = turns;
    }

    /** Fences any older writer of this id. */
    static TransactionWriter open(Kafka kafka, String transactionalId, GroupMembership membership) {
        Turn first = new Turn(kafka, transactionalId);
        try {
            return new TransactionWriter(
                    kafka, membership, first, new Turn(kafka, transactionalId + "-2"));
        } catch (RuntimeException e) {
            first.close();
            throw e;
        }
    }

    /** From now on, don't try longer than this. */
    void giveUpAfter(Duration limit) {
        giveUpAtNanos = System.nanoTime() + limit.toNanos();
        givingUp = true;
    }

    /**
     * Returns true when the batch is durable, less what is of partitions that went away; false when
     * it gave up.
     *
     * @throws KafkaException when this executor can't write any more
     */
    boolean write(List<TaskLog.Entry> batch) throws InterruptedException {
        long pauseMs = FIRST_PAUSE_MS;
        List<TaskLog.Entry> rest = batch;
        while (true) {
            // Before the entries are looked at: a partition that goes away after this has a newer
            // generation than the metadata, and Kafka refuses the commit.
            ConsumerGroupMetadata group = groupOf(rest);
            rest = rest.stream().filter(TaskLog.Entry::live).toList();
            long start = System.nanoTime();
            try {
                if (!rest.isEmpty()) {
                    transact(rest, group);
                    next = (next + 1) % turns.length;
                }
                return true;
            } catch (GaveUp e) {
                return false;
            } catch (FencedInstanceIdException
                    | AuthorizationException
                    | UnsupportedVersionException e) {
                throw e;
            } catch (KafkaException e) {
                LOG.atWarn()
                        .addKeyValue("events", rest.size())
                        .addKeyValue("error", e.toString())
                        .log("transaction failed, again");
                rest = recover(e, rest, System.nanoTime() - start);
            }
            if (overdue()) {
                return false;
            }
            Thread.sleep(pauseMs);
            pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
        }
    }

    @Override
    public void close() {
        for (Turn turn : turns) {
            turn.close();
        }
    }

    private static final class GaveUp extends RuntimeException {
        private GaveUp(Throwable cause) {
            super(cause);
        }
    }

    private boolean overdue() {
        return givingUp && System.nanoTime() - giveUpAtNanos > 0;
    }

    private @Nullable ConsumerGroupMetadata groupOf(List<TaskLog.Entry> batch) {
        return batch.stream().anyMatch(entry -> entry.position() != null)
                ? membership.metadata()
                : null;
    }

    private KafkaProducer<String, byte[]> producer() {
        return turns[next].producer;
    }

    private void transact(List<TaskLog.Entry> batch, @Nullable ConsumerGroupMetadata group) {
        KafkaProducer<String, byte[]> producer = producer();
        producer.beginTransaction();
        Set<InboxPartition> partitions = new LinkedHashSet<>();
        for (TaskLog.Entry entry : batch) {
            // A send that fails makes the commit fail: nobody has to look at each one.
            var _ = producer.send(RecordCodec.encode(entry.event()));
            if (entry.output() != null) {
                var _ = producer.send(entry.output());
            }
            if (entry.position() != null) {
                entry.position().partition().finish(entry.position().offset());
                partitions.add(entry.position().partition());
            }
        }
        if (group != null) {
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            for (InboxPartition partition : partitions) {
                Committed commit = partition.commit();
                offsets.put(
                        partition.topicPartition(),
                        new OffsetAndMetadata(commit.offset(), commit.metadata()));
            }
            producer.sendOffsetsToTransaction(offsets, group);
        }
        commit();
    }

    private void commit() {
        while (true) {
            try {
                producer().commitTransaction();
                return;
            } catch (TimeoutException e) {
                // It may have happened; only asking again is allowed.
                LOG.atWarn().addKeyValue("error", e.toString()).log("commit not answered, again");
                if (overdue()) {
                    throw new GaveUp(e);
                }
            }
        }
    }

    /** Makes a further attempt possible; returns what it is to write. */
    private List<TaskLog.Entry> recover(
            KafkaException failure, List<TaskLog.Entry> batch, long ageNanos)
            throws InterruptedException {
        try {
            if (failure instanceof ProducerFencedException) {
                throw failure;
            }
            producer().abortTransaction();
            return batch;
        } catch (ProducerFencedException fenced) {
            requireOwnTimeout(fenced, ageNanos);
        } catch (KafkaException e) {
            LOG.atWarn().addKeyValue("error", e.toString()).log("abort failed, a new producer");
        }
        return reopen(batch);
    }

    /**
     * Fenced by another process, or by the coordinator because Kafka was away for longer than a
     * transaction may last? In the second case the group still has us.
     */
    private void requireOwnTimeout(ProducerFencedException fenced, long ageNanos)
            throws InterruptedException {
        if (ageNanos < TRANSACTION_LIMIT.toNanos()) {
            throw fenced;
        }
        long deadline = System.nanoTime() + FENCE_NEWS.toNanos();
        while (System.nanoTime() < deadline && !overdue()) {
            if (membership.fenced()) {
                throw fenced;
            }
            Thread.sleep(FIRST_PAUSE_MS);
        }
    }

    /** Returns what of the batch is still to be written: all or nothing of it. */
    private List<TaskLog.Entry> reopen(List<TaskLog.Entry> batch) throws InterruptedException {
        while (!overdue()) {
            try {
                turns[next].reopen();
                return wasWritten(batch) ? List.of() : batch;
            } catch (ProducerFencedException | AuthorizationException e) {
                throw e;
            } catch (KafkaException e) {
                LOG.atWarn().addKeyValue("error", e.toString()).log("no new producer yet, again");
                Thread.sleep(MAX_PAUSE_MS);
            }
        }
        return batch;
    }

    /**
     * A transaction is written as a whole, so one inbox offset of each partition says it: all are
     * finished, or the batch is not written. One alone says nothing, for its partition may have
     * gone to another executor that has finished the task itself. A batch without any is written
     * again; its events have the same ids.
     */
    private boolean wasWritten(List<TaskLog.Entry> batch) throws InterruptedException {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TaskLog.Entry entry : batch) {
            if (entry.position() != null) {
                offsets.put(
                        entry.position().partition().topicPartition(), entry.position().offset());
            }
        }
        for (Map.Entry<TopicPartition, Long> offset : offsets.entrySet()) {
            OffsetAndMetadata committed = committed(offset.getKey());
            if (committed == null
                    || InboxProgress.resume(new Committed(committed.offset(), committed.metadata()))
                            .read(offset.getValue())) {
                return false;
            }
        }
        return !offsets.isEmpty();
    }

    private @Nullable OffsetAndMetadata committed(TopicPartition partition)
            throws InterruptedException {
        try (Admin admin = kafka.admin()) {
            return admin.listConsumerGroupOffsets(
                            InboxReader.GROUP,
                            new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
        } catch (ExecutionException e) {
            throw new KafkaException("can't read the committed progress of " + partition, e);
        }
    }
}
