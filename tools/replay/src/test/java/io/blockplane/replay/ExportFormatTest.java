package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.Event;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportFormatTest {

    static final Provenance PROVENANCE =
            new Provenance(
                    Provenance.TOOL,
                    "2026-11-30T12:00:00Z",
                    "cluster-1",
                    null,
                    null,
                    null,
                    List.of(),
                    List.of(new Provenance.Partition("blockplane.probes", 3, 7, 10)),
                    List.of("blockplane.inbox"));

    private static final Set<String> PROBES = Set.of(Topic.PROBES.topicName());

    @TempDir Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void write() throws IOException {
        file = folder.resolve("log.bplog");
        try (ExportWriter writer = new ExportWriter(file, PROVENANCE)) {
            writer.schemas();
            writer.begin(Topic.PROBES);
            writer.write(record(7, "k", "{\"text\":\"\u00e9\\n\\u0000\"}".getBytes(UTF)));
            writer.write(record(8, null, null));
            writer.write(record(9, "k", HexFormat.of().parseHex("ff00c3")));
            writer.end();
            writer.finish();
        }
    }

    private static final java.nio.charset.Charset UTF = StandardCharsets.UTF_8;

    @Test
    void givesBackWhatItWasGivenToTheByte() throws IOException {
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        ExportReader.read(file, PROBES, read::add);
        assertThat(read).hasSize(3);
        assertThat(read.getFirst())
                .satisfies(record -> {
                    assertThat(record.topic()).isEqualTo("blockplane.probes");
                    assertThat(record.partition()).isEqualTo(3);
                    assertThat(record.offset()).isEqualTo(7);
                    assertThat(record.timestamp()).isEqualTo(123);
                    assertThat(record.key()).isEqualTo("k");
                    assertThat(new String(record.value(), UTF))
                            .isEqualTo("{\"text\":\"\u00e9\\n\\u0000\"}");
                    assertThat(record.headers().lastHeader("ce_id").value())
                            .isEqualTo("id-7".getBytes(UTF));
                    assertThat(record.headers().lastHeader("empty").value()).isNull();
                    assertThat(record.headers().lastHeader("raw").value())
                            .isEqualTo(new byte[] {(byte) 0xfe});
                });
        assertThat(read.get(1).key()).isNull();
        assertThat(read.get(1).value()).as("a tombstone of a compacted topic").isNull();
        assertThat(read.get(2).value()).isEqualTo(HexFormat.of().parseHex("ff00c3"));
        assertThat(ExportReader.preamble(file).provenance()).isEqualTo(PROVENANCE);
    }

    @Test
    void describesItself() throws IOException {
        assertThat(new String(unpacked(), UTF))
                .startsWith(
                        "{\"format\":\"blockplane-log\",\"version\":2,\"provenance\":{\"tool\":")
                .contains("{\"schema\":\"blockplane.policy-decided.v1\",\"content\":{")
                .contains("{\"end\":\"blockplane.probes\",\"lines\":3,\"sha256\":\"");
    }

    @Test
    void leavesNoHalfFileBehind() throws IOException {
        Path half = folder.resolve("half.bplog");
        new ExportWriter(half, PROVENANCE).close();
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void tellsOfATombstoneInsteadOfStoppingAtIt() throws IOException {
        List<String> unreadable = new ArrayList<>();
        LogSource.file(file)
                .read(
                        Topic.PROBES,
                        new LogSource.Reader() {
                            @Override
                            public void event(LogRecord<Event> record) {
                                unreadable.add("event");
                            }

                            @Override
                            public void unreadable(
                                    ConsumerRecord<String, byte[]> record, String reason) {
                                unreadable.add(record.offset() + ": " + reason);
                            }
                        });
        assertThat(unreadable).hasSize(3);
        assertThat(unreadable.get(1)).startsWith("8: ");
    }

    @Test
    void refusesAFileWithOneByteChangedAnywhere() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(5);
        byte[] text = unpacked();
        for (int i = 0; i < 150; i++) {
            byte[] changed = text.clone();
            int at = random.nextInt(changed.length);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            refuses(packed(changed), "(expected: ");
            byte[] damaged = whole.clone();
            // Ten bytes of gzip's head say nothing that matters.
            damaged[10 + random.nextInt(damaged.length - 10)] ^= (byte) (1 << random.nextInt(8));
            refuses(damaged, "(expected: ");
        }
    }

    @Test
    void refusesAFileThatIsCutOffAnywhere() throws IOException {
        byte[] text = unpacked();
        for (int length = 1; length < text.length; length += text.length / 60) {
            refuses(packed(java.util.Arrays.copyOf(text, length)), "(expected: ");
        }
        byte[] whole = Files.readAllBytes(file);
        refuses(java.util.Arrays.copyOf(whole, whole.length / 2), "damaged or cut off");
        int lastLine = new String(text, UTF).lastIndexOf("{\"end\":\"file\"");
        refuses(packed(java.util.Arrays.copyOf(text, lastLine)), "(expected: the end of the file)");
    }

    @Test
    void namesWhatItExpected() throws IOException {
        refuses(new byte[0], "empty (expected: an exported log)");
        refuses("{}\n", "format  version 0 (expected: blockplane-log version 1 or 2)");
        refuses(
                "{\"format\":\"x\",\"version\":1}\n",
                "format x version 1 (expected: blockplane-log version 1 or 2)");
        refuses("nonsense\n", "line 1: not a line of an exported log");
        refuses(
                "{\"format\":\"blockplane-log\",\"version\":3,\"provenance\":{}}\n",
                "version 3 (expected: blockplane-log version 1 or 2); a newer blockplane wrote it");
        refuses("{\"format\":\"blockplane-log\",\"version\":2}\n", "no provenance (expected: one)");
        String text = new String(unpacked(), UTF);
        refuses(
                text.replace(
                        "\"end\":\"blockplane.probes\",\"lines\":3", "\"end\":\"x\",\"lines\":3"),
                "end: x (expected: blockplane.probes)");
        refuses(
                text.replace(
                        "\"end\":\"blockplane.probes\",\"lines\":3",
                        "\"end\":\"blockplane.probes\",\"lines\":4"),
                "lines of blockplane.probes: 3 (expected: 4, as its end says)");
        refuses(text + "{}\n", "a line after the last one (expected: none)");
    }

    @Test
    void readsTheFirstVersion() throws IOException {
        Path first = folder.resolve("log.jsonl");
        Files.writeString(
                first,
                """
                {"format":"blockplane-log","version":1}
                {"topic":"blockplane.probes","partition":1,"offset":2,"key":"b","headers":{"ce_id":"x"},"value":"{}"}
                """);
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        ExportReader.read(first, PROBES, read::add);
        assertThat(read).singleElement().satisfies(r -> assertThat(r.key()).isEqualTo("b"));
        refuses(
                "{\"format\":\"blockplane-log\",\"version\":1}\n{\"partition\":1,\"offset\":2}\n",
                "line 2: not a line of an exported log");
    }

    private byte[] unpacked() throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
            return in.readAllBytes();
        }
    }

    private static byte[] packed(byte[] text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text);
        }
        return bytes.toByteArray();
    }

    private void refuses(String content, String message) throws IOException {
        refuses(content.getBytes(UTF), message);
    }

    private void refuses(byte[] content, String message) throws IOException {
        Path bad = Files.write(folder.resolve("bad.bplog"), content);
        assertThatThrownBy(() -> ExportReader.read(bad, PROBES, _ -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bad.bplog")
                .hasMessageContaining(message);
        Files.delete(bad);
    }

    private static ConsumerRecord<String, byte[]> record(
            long offset, @Nullable String key, byte @Nullable [] value) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        "blockplane.probes",
                        3,
                        offset,
                        123,
                        org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                        0,
                        0,
                        key,
                        value,
                        new org.apache.kafka.common.header.internals.RecordHeaders(),
                        java.util.Optional.empty());
        record.headers().add("ce_id", ("id-" + offset).getBytes(UTF));
        record.headers().add("empty", null);
        record.headers().add("raw", new byte[] {(byte) 0xfe});
        return record;
    }
}
