package io.blockplane.replay;

import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Copies the event topics of a log into one file, for verifying and explaining elsewhere. Packets
 * stay behind.
 */
public final class Export {

    private static final Set<Topic> TOPICS =
            EnumSet.complementOf(EnumSet.of(Topic.INBOX, Topic.OUTPUTS));

    private Export() {}

    /**
     * Writes the file anew.
     *
     * @param blockId only this block's events (and all policies); null for all blocks
     * @return the number of records written
     */
    public static long write(Kafka kafka, Path file, @Nullable String blockId) throws IOException {
        long[] count = {0};
        try (ExportFormat.Writer writer = new ExportFormat.Writer(file)) {
            for (Topic topic : TOPICS) {
                LogScan.records(
                        kafka,
                        topic,
                        record -> {
                            boolean wanted =
                                    blockId == null
                                            || topic.key() != Topic.Key.BLOCK
                                            || blockId.equals(record.key());
                            if (wanted) {
                                try {
                                    writer.write(record);
                                    count[0]++;
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        });
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return count[0];
    }
}
