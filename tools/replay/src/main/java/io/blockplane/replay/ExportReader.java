package io.blockplane.replay;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads exported logs of all versions, packed or not. Of version 2 every digest is checked, and
 * that nothing is missing at the end, whatever part of the file is wanted.
 */
final class ExportReader {

    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int GZIP_MAGIC = 0x1f8b;

    private final Path file;
    private final ByteLines lines;
    private final Set<String> topics;
    private final Consumer<ConsumerRecord<String, byte[]>> handler;
    private final MessageDigest whole = ExportWriter.sha256();
    private long number;

    private ExportReader(
            Path file,
            InputStream in,
            Set<String> topics,
            Consumer<ConsumerRecord<String, byte[]>> handler) {
        this.file = file;
        this.lines = new ByteLines(in);
        this.topics = topics;
        this.handler = handler;
    }

    /**
     * Reads the records of some topics in their order.
     *
     * @throws IOException when the file is not whole or not of this format; the message names the
     *     file, the line and what was expected
     */
    static void read(
            Path file, Set<String> topics, Consumer<ConsumerRecord<String, byte[]>> handler)
            throws IOException {
        try (InputStream in = open(file)) {
            new ExportReader(file, in, topics, handler).read();
        } catch (EOFException | ZipException e) {
            throw new IOException(
                    "%s: damaged or cut off: %s (expected: a whole exported log)"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /** The first line. Says nothing of the others. */
    static ExportLines.Preamble preamble(Path file) throws IOException {
        try (InputStream in = open(file)) {
            return new ExportReader(file, in, Set.of(), _ -> {}).preamble();
        } catch (EOFException | ZipException e) {
            throw new IOException(
                    "%s: damaged or cut off: %s (expected: an exported log)"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        try {
            in.mark(2);
            int magic = (in.read() << 8) | in.read();
            in.reset();
            return magic == GZIP_MAGIC ? new GZIPInputStream(in, BUFFER_BYTES) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private void read() throws IOException {
        ExportLines.Preamble preamble = preamble();
        if (preamble.version() == 1) {
            readFirstVersion();
            return;
        }
        whole.update(lines.buffer(), lines.offset(), lines.length());
        long sections = 0;
        while (true) {
            next("the end of the file");
            if (isEnd()) {
                ExportLines.End end = parse(ExportLines.End.class);
                require(ExportLines.FILE.equals(end.end()), "end: " + end.end(), "file");
                check("sections", end, sections, whole);
                if (lines.next()) {
                    number++;
                    throw wrong("a line after the last one", "none");
                }
                return;
            }
            section(parse(ExportLines.Section.class).section());
            sections++;
        }
    }

    private ExportLines.Preamble preamble() throws IOException {
        if (!lines.next()) {
            throw new IOException(file + ": empty (expected: an exported log)");
        }
        number = 1;
        // What a newer version says of itself may look in any way.
        JsonNode head = parse(JsonNode.class);
        String format = head.path("format").asText();
        int version = head.path("version").asInt();
        if (!ExportLines.FORMAT.equals(format) || version < 1 || version > ExportLines.VERSION) {
            throw new IOException(
                    "%s: format %s version %d (expected: %s version 1 or %d)%s"
                            .formatted(
                                    file,
                                    format,
                                    version,
                                    ExportLines.FORMAT,
                                    ExportLines.VERSION,
                                    version > ExportLines.VERSION
                                            ? "; a newer blockplane wrote it"
                                            : ""));
        }
        ExportLines.Preamble preamble = parse(ExportLines.Preamble.class);
        if (preamble.version() > 1 && preamble.provenance() == null) {
            throw wrong("no provenance", "one");
        }
        return preamble;
    }

    private void section(String name) throws IOException {
        require(Objects.nonNull(name), "no section", "a section, or the end of the file");
        boolean wanted = topics.contains(name);
        MessageDigest digest = ExportWriter.sha256();
        long count = 0;
        while (true) {
            next("the end of section " + name);
            if (isEnd()) {
                ExportLines.End end = parse(ExportLines.End.class);
                require(name.equals(end.end()), "end: " + end.end(), name);
                check("lines", end, count, digest);
                whole.update(lines.buffer(), lines.offset(), lines.length());
                return;
            }
            digest.update(lines.buffer(), lines.offset(), lines.length());
            count++;
            if (wanted) {
                handler.accept(record(name));
            }
        }
    }

    private ConsumerRecord<String, byte[]> record(String topic) throws IOException {
        ExportLines.Line line = parse(ExportLines.Line.class);
        try {
            require(Objects.nonNull(line.headers()), "no headers", "a record");
            return ExportLines.record(topic, line);
        } catch (IllegalArgumentException | NullPointerException e) {
            throw wrong("a field of a record: " + e.getMessage(), "a whole record");
        }
    }

    private void check(String what, ExportLines.End end, long counted, MessageDigest digest)
            throws IOException {
        require(
                end.lines() == counted,
                "%s of %s: %d".formatted(what, end.end(), counted),
                end.lines() + ", as its end says");
        String found = ExportWriter.hex(digest);
        require(
                found.equals(end.sha256()),
                "SHA-256 of %s: %s".formatted(end.end(), found),
                end.sha256() + ", as its end says");
    }

    /** The start of an end line is no other line's start. */
    private boolean isEnd() {
        byte[] mark = {'{', '"', 'e', 'n', 'd', '"', ':'};
        return lines.length() > mark.length
                && Arrays.equals(
                        lines.buffer(),
                        lines.offset(),
                        lines.offset() + mark.length,
                        mark,
                        0,
                        mark.length);
    }

    private void readFirstVersion() throws IOException {
        while (lines.next()) {
            number++;
            ExportLines.Line1 line = parse(ExportLines.Line1.class);
            if (Objects.isNull(line.topic()) || Objects.isNull(line.headers())) {
                throw wrong("not a line of an exported log", "topic and headers");
            }
            if (topics.contains(line.topic())) {
                handler.accept(ExportLines.record(line));
            }
        }
    }

    private void next(String expected) throws IOException {
        if (!lines.next()) {
            throw new IOException(
                    "%s: cut off after line %d (expected: %s)".formatted(file, number, expected));
        }
        number++;
    }

    private <T> T parse(Class<T> type) throws IOException {
        @Nullable T parsed;
        try {
            parsed =
                    EventJson.MAPPER.readValue(
                            lines.buffer(), lines.offset(), lines.length(), type);
        } catch (JacksonException e) {
            throw wrong("not a line of an exported log: " + e.getOriginalMessage(), "JSON");
        }
        if (parsed == null) {
            throw wrong("not a line of an exported log: null", "an object");
        }
        return parsed;
    }

    private void require(boolean holds, String found, String expected) throws IOException {
        if (!holds) {
            throw wrong(found, expected);
        }
    }

    private IOException wrong(String found, String expected) {
        return new IOException(
                "%s, line %d: %s (expected: %s)".formatted(file, number, found, expected));
    }
}
