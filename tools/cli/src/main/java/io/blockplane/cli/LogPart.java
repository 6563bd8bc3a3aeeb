package io.blockplane.cli;

import io.blockplane.replay.LogSource;
import io.blockplane.replay.Selection;
import io.blockplane.replay.Selection.OffsetRange;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say which log is meant, and which part of it. */
final class LogPart {

    @Mixin private Connection connection = new Connection();

    @Option(names = "--file", description = "Read an exported log instead of a broker.")
    private @Nullable Path file;

    @Option(names = "--block", description = "Only this block.")
    private @Nullable String blockId;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description = "From this time on, 2026-11-30T12:00:00Z for example.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Before this time.")
    private @Nullable String to;

    @Option(
            names = "--offsets",
            paramLabel = "PARTITION:FROM-TO",
            description =
                    "Only the decisions at these offsets of their topic, the last one not"
                            + " included; for several partitions, several times.")
    private List<String> offsets = List.of();

    Connection connection() {
        return connection;
    }

    /** The exported file when one is named, else the broker. */
    LogSource source() throws IOException {
        return ExplainCommand.source(connection, file);
    }

    Selection selection() throws IOException {
        try {
            List<OffsetRange> ranges = new ArrayList<>();
            offsets.forEach(text -> ranges.add(OffsetRange.parse(text)));
            return new Selection(blockId, time("--from", from), time("--to", to), ranges);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static @Nullable Instant time(String name, @Nullable String text) throws IOException {
        try {
            return text == null ? null : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new IOException(
                    "%s: %s (expected: a time, 2026-11-30T12:00:00Z for example)"
                            .formatted(name, text),
                    e);
        }
    }
}
