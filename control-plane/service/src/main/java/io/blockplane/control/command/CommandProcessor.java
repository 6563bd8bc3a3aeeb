package io.blockplane.control.command;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides the commands of all blocks, on one thread.
 *
 * <ol>
 *   <li>It takes the transactional id that all control planes share: an older one is fenced from
 *       here on, and what it left open is aborted.
 *   <li>It folds {@code blockplane.events} to the end. Nothing can be added behind its back.
 *   <li>It reads {@code blockplane.commands} from where the events end, decides, and writes the
 *       events of a few commands and its position in one transaction. State changes by replay of
 *       what it writes; should the commit fail, it stops, and the state goes with it.
 *   <li>While nothing happens it commits its position again and again, so that one that was fenced
 *       learns so within {@link #PROOF_EVERY}.
 * </ol>
 *
 * It stops at anything that it does not expect; {@link #leadership} and the log say why.
 */
public final class CommandProcessor implements LeaderLog, AutoCloseable {

    /** Shared by all control planes of a log: the newest one owns it. */
    public static final String TRANSACTIONAL_ID = "blockplane-control-plane";

    /** Consumer group that the position in the commands is kept under. */
    public static final String GROUP_ID = "blockplane-control-plane";

    /** An idle leader proves that it still leads this often. */
    static final Duration PROOF_EVERY = Duration.ofSeconds(1);

    /** Commands in one transaction at the most; a transaction must end within 10 s. */
    private static final int COMMANDS_PER_TRANSACTION = 100;

    /** Writes by others that wait for their turn; one more is refused. */
    private static final int WRITES_WAITING = 64;

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);
    private static final Logger LOG = LoggerFactory.getLogger(CommandProcessor.class);

    private final Kafka kafka;
    private final String id;
    private final KafkaConsumer<String, byte[]> consumer;
    private final BlockingQueue<Write> writes = new ArrayBlockingQueue<>(WRITES_WAITING);
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread thread;
    private volatile Leadership leadership = new Leadership.Starting();
    private volatile boolean closing;

    private record Write(List<Envelope<? extends Event>> events, CompletableFuture<Void> durable) {}

    /**
     * Prepares.
     *
     * @param id of this control plane, in the source of its events
     */
    public CommandProcessor(Kafka kafka, String id) {
        this.kafka = kafka;
        this.id = id;
        this.consumer = kafka.groupConsumer(GROUP_ID, "control-plane-" + id);
        this.thread = Thread.ofPlatform().daemon().name("command-processor").unstarted(this::run);
    }

    public void start() {
        thread.start();
    }

    /**
     * Waits until it leads.
     *
     * @throws IllegalStateException when it stopped before
     */
    public void awaitLeading() throws InterruptedException {
        started.await();
        if (!(leadership instanceof Leadership.Leading)) {
            throw new IllegalStateException("the control plane does not lead: " + leadership);
        }
    }

    public Leadership leadership() {
        return leadership;
    }

    @Override
    public CompletableFuture<Void> append(List<Envelope<? extends Event>> events) {
        Write write = new Write(List.copyOf(events), new CompletableFuture<>());
        if (!writes.offer(write)) {
            write.durable.completeExceptionally(
                    new IllegalStateException(WRITES_WAITING + " writes wait already"));
        } else if (hasStopped()) {
            failWaitingWrites();
        }
        return write.durable;
    }

    @Override
    public void close() {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            consumer.close();
            return;
        }
        consumer.wakeup();
        try {
            if (!thread.join(CLOSE_LIMIT)) {
                thread.interrupt();
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        Leadership last = new Leadership.Closed();
        try (consumer;
                KafkaProducer<String, byte[]> producer =
                        kafka.transactionalProducer(TRANSACTIONAL_ID)) {
            producer.initTransactions();
            lead(producer);
        } catch (RuntimeException e) {
            last = whyStopped(e);
        } finally {
            leadership = last;
            started.countDown();
            failWaitingWrites();
        }
        switch (last) {
            case Leadership.Closed _, Leadership.Starting _, Leadership.Leading _ -> {}
            case Leadership.Fenced(String reason) ->
                    LOG.atWarn().addKeyValue("reason", reason).log("control plane fenced");
            case Leadership.Failed(String reason) ->
                    LOG.atError().addKeyValue("reason", reason).log("control plane stopped");
        }
    }

    private void lead(KafkaProducer<String, byte[]> producer) {
        CommandFold fold = CommandFold.fromLog(kafka, "/control-plane/" + id);
        Map<TopicPartition, Long> next = position(fold);
        leadership = new Leadership.Leading();
        started.countDown();
        LOG.atInfo()
                .addKeyValue("controlPlaneId", id)
                .addKeyValue("blocks", fold.blocks())
                .addKeyValue("commandOffsets", next)
                .log("control plane leads");
        long provedNanos = System.nanoTime();
        while (!closing) {
            List<ConsumerRecord<String, byte[]>> commands = new ArrayList<>();
            consumer.poll(POLL).forEach(commands::add);
            for (int from = 0; from < commands.size(); from += COMMANDS_PER_TRANSACTION) {
                int to = Math.min(commands.size(), from + COMMANDS_PER_TRANSACTION);
                decide(producer, fold, commands.subList(from, to), next);
                provedNanos = System.nanoTime();
            }
            for (Write write = writes.poll(); write != null; write = writes.poll()) {
                write(producer, write);
            }
            if (System.nanoTime() - provedNanos > PROOF_EVERY.toNanos()) {
                producer.beginTransaction();
                commit(producer, next);
                provedNanos = System.nanoTime();
            }
        }
    }

    /**
     * Where to read on: after the last command that has an event or a committed position, whichever
     * is further. The broker forgets positions of a group that is away for a week; the events are
     * for ever.
     */
    private Map<TopicPartition, Long> position(CommandFold fold) {
        List<TopicPartition> partitions =
                consumer.partitionsFor(Topic.COMMANDS.topicName()).stream()
                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                        .toList();
        consumer.assign(partitions);
        Map<TopicPartition, OffsetAndMetadata> committed =
                consumer.committed(new HashSet<>(partitions));
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> next = new HashMap<>();
        for (TopicPartition partition : partitions) {
            @Nullable OffsetAndMetadata position = committed.get(partition);
            long offset =
                    Math.max(
                            position == null ? 0 : position.offset(),
                            fold.nextOffset(partition.partition()));
            long from = Math.max(offset, beginnings.getOrDefault(partition, 0L));
            consumer.seek(partition, from);
            next.put(partition, from);
        }
        return next;
    }

    private void decide(
            KafkaProducer<String, byte[]> producer,
            CommandFold fold,
            List<ConsumerRecord<String, byte[]>> commands,
            Map<TopicPartition, Long> next) {
        producer.beginTransaction();
        for (ConsumerRecord<String, byte[]> command : commands) {
            for (ProducerRecord<String, byte[]> fact : fold.decide(command)) {
                var _ = producer.send(fact);
            }
            next.put(
                    new TopicPartition(command.topic(), command.partition()), command.offset() + 1);
        }
        commit(producer, next);
    }

    private void write(KafkaProducer<String, byte[]> producer, Write write) {
        try {
            producer.beginTransaction();
            for (Envelope<? extends Event> event : write.events) {
                var _ = producer.send(RecordCodec.encode(event));
            }
            producer.commitTransaction();
        } catch (RuntimeException e) {
            write.durable.completeExceptionally(e);
            throw e;
        }
        write.durable.complete(null);
    }

    /** Ends the transaction. A send that failed shows here. */
    private void commit(KafkaProducer<String, byte[]> producer, Map<TopicPartition, Long> next) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        next.forEach((partition, offset) -> offsets.put(partition, new OffsetAndMetadata(offset)));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
    }

    private boolean hasStopped() {
        return switch (leadership) {
            case Leadership.Starting _, Leadership.Leading _ -> false;
            case Leadership.Fenced _, Leadership.Failed _, Leadership.Closed _ -> true;
        };
    }

    private void failWaitingWrites() {
        for (Write write = writes.poll(); write != null; write = writes.poll()) {
            write.durable.completeExceptionally(
                    new IllegalStateException("the control plane does not lead: " + leadership));
        }
    }

    private Leadership whyStopped(RuntimeException thrown) {
        if (closing) {
            return new Leadership.Closed();
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ProducerFencedException
                    || t instanceof InvalidProducerEpochException) {
                return new Leadership.Fenced(
                        "a newer control plane leads, or this one took more than 10 s over a"
                                + " transaction: "
                                + t.getMessage());
            }
        }
        LOG.atError().setCause(thrown).log("command processor failed");
        return new Leadership.Failed(String.valueOf(thrown.getMessage()));
    }
}
