package io.blockplane.replay;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.Topic;
import io.blockplane.log.Kafka;
import io.blockplane.log.LogScan;
import io.blockplane.log.RecordCodec;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Which decisions belong to a selection: its own, and those from the last INIT before it on, which
 * make the policy's state.
 *
 * @param firstOffsets by chain and partition; {@code null}: all decisions belong to it
 * @param fromMs no earlier window or task is needed, but for what they look back on
 * @param toMs nothing at this time or later belongs to it
 */
record DecisionPart(
        @org.jspecify.annotations.Nullable Map<String, Long> firstOffsets,
        Map<Integer, Long> ends,
        long fromMs,
        long toMs) {

    static final DecisionPart ALL =
            new DecisionPart(null, Map.of(), Long.MIN_VALUE / 2, Long.MAX_VALUE);

    /** Reads all decisions once. */
    static DecisionPart of(Kafka kafka, Selection selection) {
        Map<String, Long> firsts = new HashMap<>();
        Map<String, Long> firstTimes = new HashMap<>();
        Map<Integer, Long> ends = new HashMap<>();
        long[] lastMs = {Long.MIN_VALUE};
        LogScan.records(
                kafka,
                Topic.DECISIONS,
                record -> {
                    long timeMs = Export.timeMs(record);
                    Selection.Place place =
                            selection.ofDecision(
                                    record.key(), record.partition(), record.offset(), timeMs);
                    switch (place) {
                        case BEFORE -> {
                            String chain = chain(record);
                            if (begins(record) || !firsts.containsKey(chain)) {
                                firsts.put(chain, record.offset());
                                firstTimes.put(chain, timeMs);
                            }
                        }
                        case WITHIN -> {
                            firsts.putIfAbsent(chain(record), record.offset());
                            firstTimes.putIfAbsent(chain(record), timeMs);
                            ends.merge(record.partition(), record.offset() + 1, Math::max);
                            lastMs[0] = Math.max(lastMs[0], timeMs);
                        }
                        case AFTER, ELSEWHERE -> {}
                    }
                });
        long fromMs =
                firstTimes.values().stream()
                        .mapToLong(Long::longValue)
                        .min()
                        .orElse(Long.MIN_VALUE / 2);
        long toMs = selection.to() != null ? selection.to().toEpochMilli() : Long.MAX_VALUE;
        // A selection by offsets says nothing of time: what its last decision rests on is in.
        return new DecisionPart(
                firsts,
                ends,
                fromMs,
                selection.offsets().isEmpty() ? toMs : Math.min(toMs, lastMs[0] + 1));
    }

    /** Whether a decision belongs to it. */
    boolean contains(ConsumerRecord<String, byte[]> record) {
        Map<String, Long> firsts = firstOffsets;
        if (firsts == null) {
            return true;
        }
        Long first = firsts.get(chain(record));
        return first != null
                && record.offset() >= first
                && record.offset() < ends.getOrDefault(record.partition(), 0L);
    }

    private static boolean begins(ConsumerRecord<String, byte[]> record) {
        try {
            return RecordCodec.decode(Topic.DECISIONS, record).event()
                            instanceof PolicyDecided decided
                    && decided.call() == Call.INIT
                    && decided.lane() == null;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** What is unreadable is kept, in the place where it stands. */
    private static String chain(ConsumerRecord<String, byte[]> record) {
        String id = RecordCodec.text(record, "ce_id");
        String name = id == null ? "" : id.substring(0, Math.max(0, id.lastIndexOf('-')));
        return record.partition() + "/" + name;
    }
}
