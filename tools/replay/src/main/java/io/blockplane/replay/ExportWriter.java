package io.blockplane.replay;

import io.blockplane.events.EventJson;
import io.blockplane.events.EventType;
import io.blockplane.events.Topic;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes an exported log: sections in the order of {@link #TOPICS}, each closed with its digest.
 * The file has its name only once it is whole: before that it is called {@code .partial}.
 */
final class ExportWriter implements AutoCloseable {

    /**
     * In the order in which readers need them: first what decisions are understood by, then the
     * decisions, and the windows after all that says which of them were read.
     */
    static final List<Topic> TOPICS =
            List.of(
                    Topic.POLICIES,
                    Topic.EVENTS,
                    Topic.DECISIONS,
                    Topic.TASKS,
                    Topic.WINDOWS,
                    Topic.COMMANDS,
                    Topic.PROBES,
                    Topic.DEAD_LETTERS);

    private static final int BUFFER_BYTES = 256 * 1024;

    private final Path file;
    private final Path partial;
    private final OutputStream out;
    private final MessageDigest whole = sha256();
    private MessageDigest digest = sha256();
    private @Nullable String section;
    private long lines;
    private long sections;
    private boolean finished;

    /** Packed with gzip, whatever the name is. */
    ExportWriter(Path file, Provenance provenance) throws IOException {
        this.file = file;
        this.partial = file.resolveSibling(file.getFileName() + ".partial");
        this.out =
                new BufferedOutputStream(
                        new GZIPOutputStream(Files.newOutputStream(partial), BUFFER_BYTES),
                        BUFFER_BYTES);
        whole.update(
                put(new ExportLines.Preamble(ExportLines.FORMAT, ExportLines.VERSION, provenance)));
    }

    /** The schemas of all types of events that are in these topics. */
    void schemas() throws IOException {
        begin(ExportLines.SCHEMAS);
        for (EventType<?> type : EventType.ALL) {
            if (TOPICS.contains(type.topic())) {
                String resource = "schemas/" + type.name() + ".schema.json";
                try (InputStream in = EventType.class.getResourceAsStream(resource)) {
                    if (in == null) {
                        throw new IllegalStateException("resource " + resource + " is missing");
                    }
                    add(new ExportLines.Schema(type.name(), EventJson.MAPPER.readTree(in)));
                }
            }
        }
        end();
    }

    /** The records of a topic follow. */
    void begin(Topic topic) throws IOException {
        begin(topic.topicName());
    }

    void write(ConsumerRecord<String, byte[]> record) throws IOException {
        if (!record.topic().equals(section)) {
            throw new IllegalStateException(
                    "topic: " + record.topic() + " (expected: " + section + ")");
        }
        add(ExportLines.line(record));
    }

    /** The section is complete. */
    void end() throws IOException {
        if (section == null) {
            throw new IllegalStateException("no section was begun");
        }
        whole.update(put(new ExportLines.End(section, lines, hex(digest))));
        section = null;
        sections++;
    }

    /** The file is complete. */
    void finish() throws IOException {
        if (section != null) {
            throw new IllegalStateException("section " + section + " was not ended");
        }
        put(new ExportLines.End(ExportLines.FILE, sections, hex(whole)));
        finished = true;
    }

    /** Takes away what was not finished. */
    @Override
    public void close() throws IOException {
        out.close();
        if (finished) {
            Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
        } else {
            Files.deleteIfExists(partial);
        }
    }

    private void begin(String name) throws IOException {
        if (section != null || finished) {
            throw new IllegalStateException("section " + section + " was not ended");
        }
        section = name;
        lines = 0;
        digest = sha256();
        put(new ExportLines.Section(name));
    }

    private void add(Object line) throws IOException {
        digest.update(put(line));
        lines++;
    }

    private byte[] put(Object object) throws IOException {
        byte[] text = EventJson.MAPPER.writeValueAsBytes(object);
        byte[] line = Arrays.copyOf(text, text.length + 1);
        line[text.length] = '\n';
        out.write(line);
        return line;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }
}
