package io.blockplane.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** The lines of an exported log, version 2: see ADR 0028. */
final class ExportLines {

    static final String FORMAT = "blockplane-log";
    static final int VERSION = 2;

    /** The last line is the end of this. */
    static final String FILE = "file";

    static final String SCHEMAS = "schemas";

    private ExportLines() {}

    /** The first line. */
    record Preamble(String format, int version, @Nullable Provenance provenance) {}

    /** A section begins. */
    record Section(String section) {}

    /**
     * It ends.
     *
     * @param end its name
     * @param lines between its first line and this one; of the file: its sections
     * @param sha256 of those lines with their line ends; of the file: of the first line and the end
     *     lines of all sections
     */
    record End(String end, long lines, String sha256) {}

    /** The schema of an event type. */
    record Schema(String schema, JsonNode content) {}

    /**
     * A record; its topic is the section's name.
     *
     * @param key absent when it has none
     * @param headers name and value each
     * @param value as text when it is UTF-8
     * @param base64 the value when it is not; with neither it is a tombstone
     */
    record Line(
            int partition,
            long offset,
            long timestamp,
            @Nullable String key,
            List<Name> headers,
            @Nullable String value,
            @Nullable String base64) {}

    /** A header: the value as text when it is UTF-8, as base64 when not, neither: null. */
    record Name(String name, @Nullable String value, @Nullable String base64) {}

    /** A line of version 1. */
    record Line1(
            String topic,
            int partition,
            long offset,
            @Nullable String key,
            Map<String, String> headers,
            @Nullable String value) {}

    static Line line(ConsumerRecord<String, byte[]> record) {
        List<Name> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            byte[] value = header.value();
            String text = text(value);
            headers.add(new Name(header.key(), text, base64(value, text)));
        }
        String value = text(record.value());
        return new Line(
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.key(),
                headers,
                value,
                base64(record.value(), value));
    }

    static ConsumerRecord<String, byte[]> record(String topic, Line line) {
        byte[] value = bytes(line.value, line.base64);
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        topic,
                        line.partition,
                        line.offset,
                        line.timestamp,
                        TimestampType.CREATE_TIME,
                        line.key == null ? 0 : line.key.length(),
                        value == null ? 0 : value.length,
                        line.key,
                        value,
                        new RecordHeaders(),
                        Optional.empty());
        for (Name header : line.headers) {
            record.headers().add(header.name, bytes(header.value, header.base64));
        }
        return record;
    }

    static ConsumerRecord<String, byte[]> record(Line1 line) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        line.topic, line.partition, line.offset, line.key, bytes(line.value, null));
        line.headers.forEach((name, value) -> record.headers().add(name, bytes(value, null)));
        return record;
    }

    /** Null when it is no UTF-8, or there is none. */
    private static @Nullable String text(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException _) {
            return null;
        }
    }

    private static @Nullable String base64(byte @Nullable [] bytes, @Nullable String text) {
        return bytes == null || text != null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    private static byte @Nullable [] bytes(@Nullable String text, @Nullable String base64) {
        if (base64 != null) {
            return Base64.getDecoder().decode(base64);
        }
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
