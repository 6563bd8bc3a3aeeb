package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.blockplane.events.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExportFormatTest {

    private static final String PREAMBLE = "{\"format\":\"blockplane-log\",\"version\":1}\n";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"log.jsonl", "log.jsonl.gz"})
    void givesBackWhatItWasGiven(String name) throws IOException {
        Path file = folder.resolve(name);
        try (ExportFormat.Writer writer = new ExportFormat.Writer(file)) {
            writer.write(record(7, "k", "{\"text\":\"\u00e9\\n\\u0000\"}"));
            writer.write(record(8, null, null));
        }
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        ExportFormat.read(file, read::add);
        assertThat(read).hasSize(2);
        assertThat(read.getFirst())
                .satisfies(record -> {
                    assertThat(record.topic()).isEqualTo("blockplane.probes");
                    assertThat(record.partition()).isEqualTo(3);
                    assertThat(record.offset()).isEqualTo(7);
                    assertThat(record.key()).isEqualTo("k");
                    assertThat(new String(record.value(), StandardCharsets.UTF_8))
                            .isEqualTo("{\"text\":\"\u00e9\\n\\u0000\"}");
                    assertThat(record.headers().lastHeader("ce_id").value())
                            .isEqualTo("id-7".getBytes(StandardCharsets.UTF_8));
                });
        assertThat(read.getLast().key()).isNull();
        assertThat(read.getLast().value()).as("a tombstone of a compacted topic").isNull();
    }

    @Test
    void tellsOfATombstoneInsteadOfStoppingAtIt() throws IOException {
        Path file = folder.resolve("log.jsonl");
        try (ExportFormat.Writer writer = new ExportFormat.Writer(file)) {
            writer.write(record(8, "k", null));
        }
        List<String> unreadable = new ArrayList<>();
        LogSource.file(file)
                .read(
                        Topic.PROBES,
                        new LogSource.Reader() {
                            @Override
                            public void event(
                                    io.blockplane.log.LogRecord<io.blockplane.events.Event>
                                            record) {
                                unreadable.add("event");
                            }

                            @Override
                            public void unreadable(
                                    ConsumerRecord<String, byte[]> record, String reason) {
                                unreadable.add(record.offset() + ": " + reason);
                            }
                        });
        assertThat(unreadable).singleElement().asString().startsWith("8: ");
    }

    @Test
    void namesTheLineThatIsWrong() throws IOException {
        refuses("", "line 1: not a line of an exported log");
        refuses("{}\n", "line 1: not a line of an exported log");
        refuses(
                "{\"format\":\"x\",\"version\":1}\n",
                "format x version 1 (expected: blockplane-log version 1)");
        refuses(
                "{\"format\":\"blockplane-log\",\"version\":2}\n",
                "version 2 (expected: blockplane-log version 1)");
        refuses(PREAMBLE + "nonsense\n", "line 2: not a line of an exported log");
        refuses(PREAMBLE + "{\"partition\":1,\"offset\":2}\n", "line 2: ");
    }

    @Test
    void refusesACompressionThatItDoesNotKnow() {
        assertThatThrownBy(() -> new ExportFormat.Writer(folder.resolve("log.jsonl.zst")).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected: .gz");
    }

    private void refuses(String content, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("bad.jsonl"), content);
        assertThatThrownBy(() -> ExportFormat.read(file, _ -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("bad.jsonl")
                .hasMessageContaining(message);
    }

    private static ConsumerRecord<String, byte[]> record(
            long offset, @Nullable String key, @Nullable String value) {
        ConsumerRecord<String, byte[]> record =
                new ConsumerRecord<>(
                        "blockplane.probes",
                        3,
                        offset,
                        key,
                        value == null ? null : value.getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_id", ("id-" + offset).getBytes(StandardCharsets.UTF_8));
        record.headers().add("empty", null);
        return record;
    }
}
