package io.blockplane.log;

import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Appends events one by one. Thread safe. */
public final class LogWriter implements AutoCloseable {

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final KafkaProducer<String, byte[]> producer;

    public LogWriter(Kafka kafka, String clientId) {
        this.producer = kafka.producer(clientId);
    }

    /**
     * Completes when the event is durable, exceptionally when it can't be made so. May block while
     * Kafka is away.
     */
    public CompletableFuture<RecordMetadata> append(Envelope<? extends Event> envelope) {
        return append(RecordCodec.encode(envelope));
    }

    /** As {@link #append(Envelope)} for records that are no events: packets. */
    public CompletableFuture<RecordMetadata> append(ProducerRecord<String, byte[]> record) {
        CompletableFuture<RecordMetadata> durable = new CompletableFuture<>();
        var _ =
                producer.send(
                        record,
                        (metadata, error) -> {
                            if (error == null) {
                                durable.complete(metadata);
                            } else {
                                durable.completeExceptionally(error);
                            }
                        });
        return durable;
    }

    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
