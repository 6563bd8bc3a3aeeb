package io.blockplane.replay;

import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogDescription;
import io.blockplane.log.LogScan;
import io.blockplane.log.RecordCodec;
import io.blockplane.replay.Selection.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Copies the event topics of a log, or a part of them, into one file, for verifying and explaining
 * elsewhere. Packets stay behind.
 *
 * <p>Of a part that begins in the middle the file also has what it stands on: all policies, the
 * blocks' events from their beginning, of each chain of decisions the last INIT before it and what
 * follows, and the windows and tasks since the earliest of those.
 */
public final class Export {

    /** Decisions look back on windows, and windows on tasks, no longer than this. */
    private static final long LOOK_BACK_MS = 16 * 60_000L;

    private final Kafka kafka;
    private final Selection selection;
    private final ExportWriter writer;
    private long count;

    private Export(Kafka kafka, Selection selection, ExportWriter writer) {
        this.kafka = kafka;
        this.selection = selection;
        this.writer = writer;
    }

    /**
     * Writes the file anew.
     *
     * @return the number of records written
     */
    public static long write(Kafka kafka, Path file, Selection selection) throws IOException {
        LogDescription description = LogDescription.of(kafka);
        Provenance provenance =
                new Provenance(
                        Provenance.TOOL,
                        Instant.now().toString(),
                        description.clusterId(),
                        selection.blockId(),
                        text(selection.from()),
                        text(selection.to()),
                        selection.offsets().stream()
                                .map(r -> "%d:%d-%d".formatted(r.partition(), r.from(), r.to()))
                                .toList(),
                        partitions(description),
                        List.of(Topic.INBOX.topicName(), Topic.OUTPUTS.topicName()));
        try (ExportWriter writer = new ExportWriter(file, provenance)) {
            Export export = new Export(kafka, selection, writer);
            export.all();
            writer.finish();
            return export.count;
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        }
    }

    /** The topics of a file, in the order in which they stand there. */
    public static List<Topic> topics() {
        return ExportWriter.TOPICS;
    }

    static List<Provenance.Partition> partitions(LogDescription description) {
        return description.ranges().stream()
                .map(r ->
                        new Provenance.Partition(
                                r.topic().topicName(), r.partition(), r.beginning(), r.end()))
                .toList();
    }

    private void all() throws IOException {
        writer.schemas();
        DecisionPart decisions =
                selection.cutsTheBeginning() || selection.to() != null
                        ? DecisionPart.of(kafka, selection)
                        : DecisionPart.ALL;
        for (Topic topic : ExportWriter.TOPICS) {
            writer.begin(topic);
            copy(topic, wanted(topic, decisions));
            writer.end();
        }
    }

    private Predicate<ConsumerRecord<String, byte[]>> wanted(Topic topic, DecisionPart decisions) {
        return switch (topic) {
            case POLICIES, DEAD_LETTERS -> _ -> true;
            case DECISIONS ->
                    record -> selection.hasBlock(record.key()) && decisions.contains(record);
            case EVENTS ->
                    record ->
                            selection.place(record.key(), timeMs(record)) != Place.ELSEWHERE
                                    && selection.place(record.key(), timeMs(record)) != Place.AFTER;
            case TASKS, WINDOWS, COMMANDS, PROBES ->
                    record -> {
                        long timeMs = timeMs(record);
                        return selection.hasBlock(record.key())
                                && timeMs >= decisions.fromMs() - LOOK_BACK_MS
                                && timeMs < decisions.toMs();
                    };
            case INBOX, OUTPUTS -> _ -> false;
        };
    }

    private void copy(Topic topic, Predicate<ConsumerRecord<String, byte[]>> wanted) {
        LogScan.records(
                kafka,
                topic,
                record -> {
                    if (wanted.test(record)) {
                        try {
                            writer.write(record);
                            count++;
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
    }

    /** When it happened; what does not say so belongs to the time at which it was written. */
    static long timeMs(ConsumerRecord<String, byte[]> record) {
        String time = RecordCodec.text(record, "ce_time");
        try {
            return time == null ? record.timestamp() : Instant.parse(time).toEpochMilli();
        } catch (DateTimeException | ArithmeticException _) {
            return record.timestamp();
        }
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}
