package io.blockplane.executor;

import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketRecords;
import io.blockplane.log.Kafka;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes accepted packets durable in the inbox. Thread safe. Kafka's client may block when it is
 * asked to send, so that is done on a thread of its own, never on the caller's.
 */
final class InboxWriter implements AutoCloseable {

    /** How long a client waits for Kafka before it is told that the log is not available. */
    static final Duration DELIVERY_LIMIT = Duration.ofSeconds(10);

    /** Packets on their way into the log; more are refused. */
    static final int MAX_PENDING = 1024;

    /** Bytes of packets on their way into the log; more are refused. */
    static final int MAX_PENDING_BYTES = 128 * 1024 * 1024;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final KafkaProducer<String, byte[]> producer;
    private final Clock clock;
    private final String source;
    private final String idPrefix;
    private final AtomicLong count = new AtomicLong();
    private final Semaphore pending = new Semaphore(MAX_PENDING);
    private final Semaphore pendingBytes = new Semaphore(MAX_PENDING_BYTES);
    private final ExecutorService sender =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("inbox-writer").factory());

    /**
     * Connects when the first packet comes.
     *
     * @param incarnation tells this run of the executor from its others
     */
    InboxWriter(Kafka kafka, String executorId, String incarnation, Clock clock) {
        this.producer = kafka.producer("inbox-" + executorId, DELIVERY_LIMIT);
        this.clock = clock;
        this.source = "/executor/" + executorId;
        this.idPrefix = "pkt-" + executorId + "-" + incarnation + "-";
    }

    /** What became of a packet. */
    sealed interface Outcome {

        /** It is in the log. */
        record Durable() implements Outcome {}

        /** Too many are on their way; nothing was tried. */
        record Busy(String detail) implements Outcome {}

        /** Kafka did not confirm it in time. It may still have got it. */
        record Unconfirmed(String detail) implements Outcome {}
    }

    /**
     * Tells once what became of the packet, on some thread, now or later.
     *
     * @param packet at most {@link PacketRecords#MAX_BYTES}
     */
    void accept(String blockId, Packet packet, Consumer<Outcome> told) {
        if (!pending.tryAcquire()) {
            told.accept(new Outcome.Busy(MAX_PENDING + " packets are on their way into the log"));
            return;
        }
        int size = packet.bytes().size();
        if (!pendingBytes.tryAcquire(size)) {
            pending.release();
            told.accept(
                    new Outcome.Busy(MAX_PENDING_BYTES + " bytes are on their way into the log"));
            return;
        }
        long cameNanos = System.nanoTime();
        Consumer<Outcome> done =
                outcome -> {
                    pendingBytes.release(size);
                    pending.release();
                    told.accept(outcome);
                };
        try {
            sender.execute(() -> send(blockId, packet, cameNanos, done));
        } catch (RejectedExecutionException e) {
            done.accept(new Outcome.Unconfirmed("this executor stops"));
        }
    }

    @Override
    public void close() {
        sender.shutdown();
        try {
            if (!sender.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                sender.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close(CLOSE_LIMIT);
    }

    private void send(String blockId, Packet packet, long cameNanos, Consumer<Outcome> told) {
        if (System.nanoTime() - cameNanos > DELIVERY_LIMIT.toNanos()) {
            // Those before it waited for Kafka all the time.
            told.accept(new Outcome.Unconfirmed("Kafka takes nothing"));
            return;
        }
        try {
            ProducerRecord<String, byte[]> record =
                    PacketRecords.accepted(
                            idPrefix + count.incrementAndGet(),
                            source,
                            clock.instant(),
                            blockId,
                            packet);
            var _ =
                    producer.send(
                            record,
                            (_, error) ->
                                    told.accept(
                                            error == null
                                                    ? new Outcome.Durable()
                                                    : new Outcome.Unconfirmed(error.toString())));
        } catch (RuntimeException e) {
            told.accept(new Outcome.Unconfirmed(e.toString()));
        }
    }
}
