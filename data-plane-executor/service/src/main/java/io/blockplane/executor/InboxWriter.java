package io.blockplane.executor;

import com.google.protobuf.ByteString;
import io.blockplane.log.Kafka;
import io.blockplane.proto.aios.AIOSPacket;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes accepted packets durable in the inbox. Thread safe; callers wait, on virtual threads. */
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
     * Returns when the packet is durable, or won't be.
     *
     * @param bytes the packet as the client sent it, at most {@link PacketRecords#MAX_BYTES}
     */
    Outcome accept(String blockId, AIOSPacket packet, ByteString bytes)
            throws InterruptedException {
        if (!pending.tryAcquire()) {
            return new Outcome.Busy(MAX_PENDING + " packets are on their way into the log");
        }
        try {
            if (!pendingBytes.tryAcquire(bytes.size())) {
                return new Outcome.Busy(MAX_PENDING_BYTES + " bytes are on their way into the log");
            }
            try {
                return write(blockId, packet, bytes);
            } finally {
                pendingBytes.release(bytes.size());
            }
        } finally {
            pending.release();
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }

    private Outcome write(String blockId, AIOSPacket packet, ByteString bytes)
            throws InterruptedException {
        ProducerRecord<String, byte[]> record =
                PacketRecords.accepted(
                        idPrefix + count.incrementAndGet(),
                        source,
                        clock.instant(),
                        blockId,
                        packet,
                        bytes.toByteArray());
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        try {
            var _ =
                    producer.send(
                            record,
                            (_, error) ->
                                    outcome.complete(
                                            error == null
                                                    ? new Outcome.Durable()
                                                    : new Outcome.Unconfirmed(error.toString())));
            return outcome.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an outcome is never an exception", e);
        } catch (RuntimeException e) {
            return new Outcome.Unconfirmed(e.toString());
        }
    }
}
