package io.blockplane.executor.packet;

import com.google.protobuf.ByteString;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Packets as records of {@code blockplane.inbox} and {@code blockplane.outputs}: the value is the
 * packet's protobuf, the key its session, the CloudEvents headers say the rest ({@code ce_subject}:
 * the block, {@code ce_correlationid}: {@code <session_id>/<seq_no>}).
 */
public final class PacketRecords {

    /** The type of an accepted packet. */
    public static final String ACCEPTED = "blockplane.packet-accepted.v1";

    /** The type of a result. */
    public static final String PROCESSED = "blockplane.packet-processed.v1";

    /** On a result that is to be delivered: to the destinations in its packet. */
    public static final String DELIVER = "bp_deliver";

    /** The largest packet that the log takes: a record less room for headers and key. */
    public static final int MAX_BYTES = Kafka.MAX_RECORD_BYTES - 64 * 1024;

    private static final byte[] PROTOBUF = "application/protobuf".getBytes(StandardCharsets.UTF_8);

    private PacketRecords() {}

    /** An accepted packet, as the client sent it. */
    public static ProducerRecord<String, byte[]> accepted(
            String id, String source, Instant time, String blockId, Packet packet) {
        return record(
                Topic.INBOX,
                ACCEPTED,
                id,
                source,
                time,
                blockId,
                null,
                packet,
                packet.bytes().toByteArray());
    }

    /**
     * The result of an accepted packet.
     *
     * @param result the packet with the output in its data
     */
    public static ProducerRecord<String, byte[]> processed(
            String id,
            String source,
            Instant time,
            String blockId,
            String taskEventId,
            Packet packet,
            ByteString result) {
        ProducerRecord<String, byte[]> record =
                record(
                        Topic.OUTPUTS,
                        PROCESSED,
                        id,
                        source,
                        time,
                        blockId,
                        taskEventId,
                        packet,
                        result.toByteArray());
        if (!packet.parsed().getOutputPtr().isEmpty()) {
            RecordCodec.put(record.headers(), DELIVER, "output_ptr");
        }
        return record;
    }

    private static ProducerRecord<String, byte[]> record(
            Topic topic,
            String type,
            String id,
            String source,
            Instant time,
            String blockId,
            @Nullable String causation,
            Packet packet,
            byte[] bytes) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic.topicName(), packet.sessionId(), bytes);
        Headers headers = record.headers();
        RecordCodec.put(headers, "ce_specversion", "1.0");
        RecordCodec.put(headers, "ce_id", id);
        RecordCodec.put(headers, "ce_type", type);
        RecordCodec.put(headers, "ce_source", source);
        RecordCodec.put(headers, "ce_time", time.toString());
        RecordCodec.put(headers, "ce_subject", blockId);
        RecordCodec.put(headers, "ce_correlationid", packet.correlation());
        if (causation != null) {
            RecordCodec.put(headers, "ce_causationid", causation);
        }
        headers.add("content-type", PROTOBUF);
        return record;
    }
}
