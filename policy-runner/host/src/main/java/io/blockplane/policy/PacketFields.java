package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.policy.RoutedPacket.RoutedFile;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a packet that a balancer read, as they stand in the routing record: text as it is,
 * bytes as base64, {@code seq_no} as text, and in {@code files} an object for each file with what
 * was read of it. A value of more than {@value #MAX_VALUE_BYTES} bytes is recorded as {@code
 * {"sha256", "bytes"}}: a call that read such a one can't be executed again.
 */
final class PacketFields {

    /** Longest recorded value, bytes (of UTF-8, or before base64). */
    static final int MAX_VALUE_BYTES = 256 * 1024;

    static final int SESSION_ID = 0;
    static final int SEQ_NO = 1;
    static final int FRAME_PTR = 2;
    static final int DATA = 3;
    static final int TS = 4;
    static final int OUTPUT_PTR = 5;
    static final int FILES = 6;

    static final int METADATA = 0;
    static final int FILE_DATA = 1;

    private static final Json ONLY_NOTHING = Json.EMPTY_OBJECT;
    private static final String SHA256 = "sha256";
    private static final String BYTES = "bytes";

    private PacketFields() {}

    /**
     * The record of what was read.
     *
     * @param read a bit for each field
     * @param filesRead of each file, a bit for each of its fields
     */
    static Json record(RoutedPacket packet, int read, List<Integer> filesRead) {
        if (read == 0) {
            return ONLY_NOTHING;
        }
        ObjectNode fields = EventJson.MAPPER.createObjectNode();
        if (has(read, SESSION_ID)) {
            text(fields, "session_id", packet.sessionId());
        }
        if (has(read, SEQ_NO)) {
            fields.put("seq_no", Long.toUnsignedString(packet.seqNo()));
        }
        if (has(read, FRAME_PTR)) {
            bytes(fields, "frame_ptr", packet.framePtr());
        }
        if (has(read, DATA)) {
            text(fields, "data", packet.data());
        }
        if (has(read, TS)) {
            // As text: JSON has no infinity, and a packet may.
            fields.put("ts", Double.toString(packet.ts()));
        }
        if (has(read, OUTPUT_PTR)) {
            text(fields, "output_ptr", packet.outputPtr());
        }
        if (has(read, FILES)) {
            files(fields.putArray("files"), packet, filesRead);
        }
        return Json.of(fields);
    }

    /** The first field of a record whose value is not there; null when all are. */
    static @Nullable String omitted(Json recorded) {
        for (var field : recorded.object().properties()) {
            if (isOmitted(field.getValue())) {
                return field.getKey();
            }
            for (JsonNode file : field.getValue()) {
                for (JsonNode value : file) {
                    if (isOmitted(value)) {
                        return field.getKey();
                    }
                }
            }
        }
        return null;
    }

    /** The packet of a record: fields that are not in it are empty. */
    static RoutedPacket packet(Json recorded) {
        ObjectNode fields = recorded.object();
        List<RecordedFile> files = new ArrayList<>();
        for (JsonNode file : fields.path("files")) {
            files.add(
                    new RecordedFile(
                            file.path("metadata").asText(), decoded(file.path("file_data"))));
        }
        return new RecordedPacket(
                fields.path("session_id").asText(),
                Long.parseUnsignedLong(fields.path("seq_no").asText("0")),
                decoded(fields.path("frame_ptr")),
                fields.path("data").asText(),
                Double.parseDouble(fields.path("ts").asText("0")),
                fields.path("output_ptr").asText(),
                files);
    }

    @SuppressWarnings("ArrayRecordComponent") // Made for one call, and never compared.
    private record RecordedPacket(
            String sessionId,
            long seqNo,
            byte[] framePtr,
            String data,
            double ts,
            String outputPtr,
            List<RecordedFile> files)
            implements RoutedPacket {}

    @SuppressWarnings("ArrayRecordComponent")
    private record RecordedFile(String metadata, byte[] fileData) implements RoutedFile {}

    private static void files(ArrayNode array, RoutedPacket packet, List<Integer> filesRead) {
        for (int i = 0; i < filesRead.size(); i++) {
            ObjectNode file = array.addObject();
            RoutedFile content = packet.files().get(i);
            if (has(filesRead.get(i), METADATA)) {
                text(file, "metadata", content.metadata());
            }
            if (has(filesRead.get(i), FILE_DATA)) {
                bytes(file, "file_data", content.fileData());
            }
        }
    }

    private static boolean has(int read, int field) {
        return (read & 1 << field) != 0;
    }

    private static void text(ObjectNode fields, String name, String value) {
        if (value.length() <= MAX_VALUE_BYTES / 3) {
            fields.put(name, value);
        } else {
            omit(fields, name, value.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    private static void bytes(ObjectNode fields, String name, byte[] value) {
        if (value.length <= MAX_VALUE_BYTES) {
            fields.put(name, Base64.getEncoder().encodeToString(value));
        } else {
            omit(fields, name, value);
        }
    }

    private static void omit(ObjectNode fields, String name, byte[] value) {
        fields.putObject(name).put(SHA256, DecisionChain.sha256(value)).put(BYTES, value.length);
    }

    private static boolean isOmitted(JsonNode value) {
        return value.isObject() && value.has(SHA256) && value.has(BYTES);
    }

    private static byte[] decoded(JsonNode value) {
        return Base64.getDecoder().decode(value.asText());
    }
}
