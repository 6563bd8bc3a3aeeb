package io.blockplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.policy.RoutedPacket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A packet of a sample input: {@code session_id}, {@code seq_no}, {@code data}, {@code ts}, {@code
 * frame_ptr}, {@code output_ptr} and {@code files}, each empty when it is not there.
 */
record SamplePacket(JsonNode fields) implements RoutedPacket {

    /** A file of it; its data is text. */
    record SampleFile(String metadata, String text) implements RoutedFile {
        @Override
        public byte[] fileData() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public String sessionId() {
        return fields.path("session_id").asText("");
    }

    @Override
    public long seqNo() {
        return fields.path("seq_no").asLong();
    }

    @Override
    public byte[] framePtr() {
        return bytes(fields.path("frame_ptr"));
    }

    @Override
    public String data() {
        return fields.path("data").asText("");
    }

    @Override
    public double ts() {
        return fields.path("ts").asDouble();
    }

    @Override
    public String outputPtr() {
        return fields.path("output_ptr").asText("");
    }

    @Override
    public List<? extends RoutedFile> files() {
        List<SampleFile> files = new ArrayList<>();
        for (JsonNode file : fields.path("files")) {
            files.add(
                    new SampleFile(
                            file.path("metadata").asText(""), file.path("file_data").asText("")));
        }
        return files;
    }

    private static byte[] bytes(JsonNode text) {
        return text.asText("").getBytes(StandardCharsets.UTF_8);
    }
}
