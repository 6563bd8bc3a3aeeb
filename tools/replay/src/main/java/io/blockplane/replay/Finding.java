package io.blockplane.replay;

import io.blockplane.events.Event;
import io.blockplane.log.LogRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with a log.
 *
 * <p>{@code where} is a place in the log: topic-partition@offset.
 */
public sealed interface Finding {

    String where();

    /** In one or a few lines, for people. */
    String text();

    /**
     * A decision that comes out otherwise when executed again.
     *
     * @param field the first one that differs
     * @param others that differ too, in their order
     */
    record Diverged(
            String where,
            String decisionId,
            String field,
            String recorded,
            String executed,
            List<RecordDiff> others)
            implements Finding {

        public Diverged {
            others = List.copyOf(others);
        }

        /** Of one field. */
        Diverged(String where, String decisionId, String field, String recorded, String executed) {
            this(where, decisionId, field, recorded, executed, List.of());
        }

        /** Of a record and what came out, which are not the same. */
        static Diverged of(LogRecord<Event> record, String again) {
            List<RecordDiff> fields = RecordDiff.all(record.value(), again);
            RecordDiff first = fields.getFirst();
            return new Diverged(
                    DecisionLog.where(record),
                    record.envelope().id(),
                    first.field(),
                    first.recorded(),
                    first.executed(),
                    fields.subList(1, fields.size()));
        }

        @Override
        public String text() {
            StringBuilder text = new StringBuilder();
            text.append(
                    "%s at %s: %s".formatted(decisionId, where, line(field, recorded, executed)));
            others.forEach(o ->
                    text.append("%n  %s".formatted(line(o.field(), o.recorded(), o.executed()))));
            return text.toString();
        }

        private static String line(String field, String recorded, String executed) {
            return "%s differs%n    recorded: %s%n    executed: %s"
                    .formatted(field, recorded, executed);
        }
    }

    /** A record that is missing, changed or out of its place. */
    record ChainBroken(String where, String decisionId, String reason) implements Finding {
        @Override
        public String text() {
            return "%s at %s: chain broken: %s".formatted(decisionId, where, reason);
        }
    }

    /**
     * Decisions that are not in the log, though one after them is.
     *
     * @param where the first record after them stands
     * @param decisionId of that record
     * @param from the first number that is missing
     * @param to the last one
     */
    record Missing(String where, String decisionId, long from, long to) implements Finding {
        @Override
        public String text() {
            return "%s at %s: %s before it %s not in the log"
                    .formatted(
                            decisionId,
                            where,
                            from == to
                                    ? "decision " + from
                                    : "decisions %d to %d".formatted(from, to),
                            from == to ? "is" : "are");
        }
    }

    /**
     * Events of a block that are not in the log: its state can't be known any more.
     *
     * @param where the first event after them stands
     * @param from the first version that is missing
     * @param to the last one
     */
    record EventsMissing(String where, String blockId, long from, long to) implements Finding {
        @Override
        public String text() {
            return "block %s at %s: events of version %d to %d before it are not in the log"
                    .formatted(blockId, where, from, to);
        }
    }

    /**
     * Records that a broker has deleted.
     *
     * @param where the partition and its first offset
     * @param records how many offsets before it were used
     */
    record Deleted(String where, long records) implements Finding {
        @Override
        public String text() {
            return "%s: the log begins here; what stood at the %,d offsets before was deleted"
                            .formatted(where, records)
                    + " (retention, or by hand)";
        }
    }

    /** A record that can't be read at all. */
    record Unreadable(String where, String reason) implements Finding {
        @Override
        public String text() {
            return "unreadable record at %s: %s".formatted(where, reason);
        }
    }

    /**
     * Decisions that can't be executed again, because something that it takes is not there.
     *
     * @param where the first one stands
     * @param decisionId of the first one
     * @param missing what is
     * @param records how many of them follow one another, this one included
     * @param vouchedFrom the record from which on decisions are executed again; null: none
     */
    record NotExecutable(
            String where,
            String decisionId,
            String missing,
            long records,
            @Nullable String vouchedFrom)
            implements Finding {

        /** One alone. */
        NotExecutable(String where, String decisionId, String missing) {
            this(where, decisionId, missing, 1, null);
        }

        @Override
        public String text() {
            return "%s at %s can't be executed: %s%s%s"
                    .formatted(
                            decisionId,
                            where,
                            missing,
                            records == 1 ? "" : "; nor can the %,d after it".formatted(records - 1),
                            vouchedFrom == null
                                    ? ""
                                    : "; vouched for again from " + vouchedFrom + " on");
        }
    }

    /**
     * Calls of a balancer's lane whose tasks have no event.
     *
     * @param where the first record after them stands
     * @param after the id of that record
     * @param from the first missing sequence number
     * @param to the last one
     * @param unverified records after them that can't be executed, because the state is unknown
     * @param atEnd the lane goes no further: its executor was killed with tasks under way, or lost
     *     their partition. All before the gap is vouched for
     */
    record Gap(String where, String after, long from, long to, int unverified, boolean atEnd)
            implements Finding {
        @Override
        public String text() {
            return "%s at %s: calls %d to %d before it have no record; %s"
                    .formatted(
                            after,
                            where,
                            from,
                            to,
                            atEnd
                                    ? unverified
                                            + " records from there to the lane's end can't be"
                                            + " executed again, all before are checked"
                                    : unverified
                                            + " records up to the next INIT can't be executed"
                                            + " again");
        }
    }
}
