package io.blockplane.replay;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a log is meant.
 *
 * @param blockId of this block only; null: of all
 * @param from not what is earlier; null: from the log's beginning
 * @param to not what is at this instant or later; null: to the log's end
 * @param offsets of the decisions' topic; empty: all
 */
public record Selection(
        @Nullable String blockId,
        @Nullable Instant from,
        @Nullable Instant to,
        List<OffsetRange> offsets) {

    /** The whole log. */
    public static final Selection ALL = new Selection(null, null, null, List.of());

    private static final Pattern RANGE = Pattern.compile("(\\d{1,9}):(\\d{1,18})-(\\d{1,18})");

    /** Where a record stands, seen from a selection. */
    enum Place {
        BEFORE,
        WITHIN,
        AFTER,
        /** Of another block or partition. */
        ELSEWHERE
    }

    /** Offsets of one partition: from the first to before the last. */
    public record OffsetRange(int partition, long from, long to) {
        public OffsetRange {
            if (from >= to) {
                throw new IllegalArgumentException(
                        "offsets: %d-%d (expected: the first less than the last)"
                                .formatted(from, to));
            }
        }

        /** Of {@code PARTITION:FROM-TO}. */
        public static OffsetRange parse(String text) {
            Matcher range = RANGE.matcher(text);
            if (!range.matches()) {
                throw new IllegalArgumentException(
                        "offsets: %s (expected: PARTITION:FROM-TO, 2:100-250 for example)"
                                .formatted(text));
            }
            return new OffsetRange(
                    Integer.parseInt(range.group(1)),
                    Long.parseLong(range.group(2)),
                    Long.parseLong(range.group(3)));
        }
    }

    public Selection {
        offsets = List.copyOf(offsets);
        if (from != null && to != null && !from.isBefore(to)) {
            throw new IllegalArgumentException(
                    "from: %s (expected: earlier than to, %s)".formatted(from, to));
        }
    }

    /** Whether something before it is left out on purpose. */
    boolean cutsTheBeginning() {
        return from != null || !offsets.isEmpty();
    }

    boolean hasBlock(@Nullable String key) {
        return blockId == null || blockId.equals(key);
    }

    /** Of a record that is no decision. */
    Place place(@Nullable String key, long timeMs) {
        if (!hasBlock(key)) {
            return Place.ELSEWHERE;
        }
        if (from != null && timeMs < from.toEpochMilli()) {
            return Place.BEFORE;
        }
        return to != null && timeMs >= to.toEpochMilli() ? Place.AFTER : Place.WITHIN;
    }

    /** Of a decision. */
    Place ofDecision(@Nullable String key, int partition, long offset, long timeMs) {
        Place byTime = place(key, timeMs);
        if (offsets.isEmpty() || byTime == Place.ELSEWHERE) {
            return byTime;
        }
        Optional<OffsetRange> range =
                offsets.stream().filter(r -> r.partition == partition).findFirst();
        if (range.isEmpty()) {
            return Place.ELSEWHERE;
        }
        if (offset < range.get().from) {
            return Place.BEFORE;
        }
        return offset >= range.get().to ? Place.AFTER : byTime;
    }
}
