package io.blockplane.log;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.EventType;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Events to Kafka records and back: JSON values with CloudEvents 1.0 headers in binary mode (Kafka
 * protocol binding, <a
 * href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">v1.0.2</a>).
 */
public final class RecordCodec {

    /** Holds the hash of a decision's value bytes. */
    public static final String HASH_HEADER = "bp_hash";

    private static final String SPEC_VERSION = "1.0";
    private static final byte[] JSON = "application/json".getBytes(StandardCharsets.UTF_8);

    private RecordCodec() {}

    /** The record of an event; its topic is that of its type. */
    public static ProducerRecord<String, byte[]> encode(Envelope<? extends Event> envelope) {
        return encode(envelope, EventJson.encode(envelope.event()));
    }

    /** As {@link #encode(Envelope)}, for a caller that has the value bytes already. */
    public static ProducerRecord<String, byte[]> encode(
            Envelope<? extends Event> envelope, byte[] value) {
        EventType<?> type = EventType.of(envelope.event());
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(type.topic().topicName(), envelope.event().subject(), value);
        Headers headers = record.headers();
        put(headers, "ce_specversion", SPEC_VERSION);
        put(headers, "ce_id", envelope.id());
        put(headers, "ce_type", type.name());
        put(headers, "ce_source", envelope.source());
        put(headers, "ce_time", Instant.ofEpochMilli(envelope.timeMs()).toString());
        put(headers, "ce_subject", envelope.event().subject());
        if (envelope.correlationId() != null) {
            put(headers, "ce_correlationid", envelope.correlationId());
        }
        if (envelope.causationId() != null) {
            put(headers, "ce_causationid", envelope.causationId());
        }
        if (envelope.event() instanceof PolicyDecided) {
            put(headers, HASH_HEADER, DecisionChain.sha256(value));
        }
        headers.add("content-type", JSON);
        return record;
    }

    /**
     * Reads a record of an event topic.
     *
     * @throws IllegalArgumentException when it is no event that we know; the message says why
     */
    public static LogRecord<Event> decode(Topic topic, ConsumerRecord<String, byte[]> record) {
        EventType<?> type = EventType.named(required(record, "ce_type"));
        if (type.topic() != topic) {
            throw new IllegalArgumentException(
                    "ce_type: " + type.name() + " (expected: a type of " + topic.topicName() + ")");
        }
        Event event = EventJson.decode(type.record(), record.value());
        Envelope<Event> envelope =
                new Envelope<>(
                        required(record, "ce_id"),
                        required(record, "ce_source"),
                        epochMs(required(record, "ce_time")),
                        text(record, "ce_correlationid"),
                        text(record, "ce_causationid"),
                        event);
        return new LogRecord<>(
                topic,
                record.partition(),
                record.offset(),
                envelope,
                new String(record.value(), StandardCharsets.UTF_8),
                text(record, HASH_HEADER));
    }

    /** The text of a header, null when it is not there. */
    public static @Nullable String text(ConsumerRecord<?, ?> record, String header) {
        Header found = record.headers().lastHeader(header);
        return found == null || found.value() == null
                ? null
                : new String(found.value(), StandardCharsets.UTF_8);
    }

    /** Sets a header to a text. */
    public static void put(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String required(ConsumerRecord<?, ?> record, String header) {
        String value = text(record, header);
        if (value == null) {
            throw new IllegalArgumentException("header " + header + " is missing");
        }
        return value;
    }

    private static long epochMs(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "ce_time: " + time + " (expected: an RFC 3339 time)", e);
        }
    }
}
