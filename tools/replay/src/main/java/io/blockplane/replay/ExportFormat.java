package io.blockplane.replay;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.blockplane.events.EventJson;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * The file form of a log: JSON lines in UTF-8, gzip when the name ends in {@code .gz}. The first
 * line is {@code {"format":"blockplane-log","version":1}}, each other one a record with its topic,
 * partition, offset, key, headers and value, all as text, exactly as they stood in Kafka.
 */
final class ExportFormat {

    private static final String FORMAT = "blockplane-log";
    private static final int VERSION = 1;

    private record Preamble(String format, int version) {}

    private record Line(
            String topic,
            int partition,
            long offset,
            @Nullable String key,
            Map<String, String> headers,
            @Nullable String value) {}

    private ExportFormat() {}

    /** Writes records one by one; closing finishes the file. */
    static final class Writer implements AutoCloseable {

        private final BufferedWriter out;

        Writer(Path file) throws IOException {
            OutputStream bytes = Files.newOutputStream(file);
            this.out =
                    new BufferedWriter(
                            new OutputStreamWriter(
                                    zipped(file) ? new GZIPOutputStream(bytes) : bytes,
                                    StandardCharsets.UTF_8));
            line(new Preamble(FORMAT, VERSION));
        }

        void write(ConsumerRecord<String, byte[]> record) throws IOException {
            Map<String, String> headers = new LinkedHashMap<>();
            for (Header header : record.headers()) {
                if (header.value() != null) {
                    headers.put(header.key(), text(header.value()));
                }
            }
            line(
                    new Line(
                            record.topic(),
                            record.partition(),
                            record.offset(),
                            record.key(),
                            headers,
                            record.value() == null ? null : text(record.value())));
        }

        private void line(Object object) throws IOException {
            out.write(EventJson.MAPPER.writeValueAsString(object));
            out.newLine();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /**
     * Reads all records in their order.
     *
     * @throws IOException when the file is not of this format; the message names the file and the
     *     line
     */
    static void read(Path file, Consumer<ConsumerRecord<String, byte[]>> handler)
            throws IOException {
        try (InputStream bytes = Files.newInputStream(file);
                BufferedReader in =
                        new BufferedReader(
                                new InputStreamReader(
                                        zipped(file) ? new GZIPInputStream(bytes) : bytes,
                                        StandardCharsets.UTF_8))) {
            String first = in.readLine();
            Preamble preamble = parse(file, 1, first == null ? "" : first, Preamble.class);
            if (!FORMAT.equals(preamble.format) || preamble.version != VERSION) {
                throw new IOException(
                        "%s: format %s version %d (expected: %s version %d)"
                                .formatted(
                                        file, preamble.format, preamble.version, FORMAT, VERSION));
            }
            int number = 1;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                number++;
                Line parsed = parse(file, number, line, Line.class);
                if (Objects.isNull(parsed.topic) || Objects.isNull(parsed.headers)) {
                    throw new IOException(
                            "%s, line %d: not a line of an exported log: no topic or no headers"
                                    .formatted(file, number));
                }
                handler.accept(record(parsed));
            }
        }
    }

    private static ConsumerRecord<String, byte[]> record(Line line) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        line.topic,
                        line.partition,
                        line.offset,
                        line.key,
                        line.value == null ? null : line.value.getBytes(StandardCharsets.UTF_8));
        line.headers.forEach((name, value) ->
                record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    private static <T> T parse(Path file, int number, String line, Class<T> type)
            throws IOException {
        try {
            return EventJson.MAPPER.readValue(line, type);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "%s, line %d: not a line of an exported log: %s"
                            .formatted(file, number, e.getOriginalMessage()),
                    e);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static boolean zipped(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".zst") || name.endsWith(".zip") || name.endsWith(".xz")) {
            throw new IOException(file + ": compressed by a way that is not known (expected: .gz)");
        }
        return name.endsWith(".gz");
    }
}
