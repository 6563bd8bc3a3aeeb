package io.blockplane.windows;

import io.blockplane.events.TaskEvent;
import io.blockplane.events.TaskEvent.InstanceEjected;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.InstanceReadmitted;
import io.blockplane.events.TaskEvent.InstanceReported;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.TaskEvent.Ticked;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a task event must be for windows to count it. The limits keep the integer sums from
 * overflowing and the state bounded; an event outside them is refused whole, with the reason.
 */
public final class EventLimits {

    /** End of the year 9999: what RFC 3339 can still write. */
    public static final long MAX_EVENT_TIME_MS = 253_402_300_799_999L;

    /** 12.7 days. Eight million tasks of this length in one window would overflow its sum. */
    public static final long MAX_DURATION_US = (1L << 40) - 1;

    /** Tokens of one task, read or written. */
    public static final long MAX_TOKENS = Integer.MAX_VALUE;

    /**
     * Instances of one block that windows are kept for at the same time. A tick that names more is
     * refused; a task of one more counts in the block only. Keeps the record of a window under the
     * size that the log takes.
     */
    public static final int MAX_INSTANCES = 4_096;

    /** Characters of what an instance says of itself. */
    public static final int MAX_REPORT_LENGTH = 16 * 1024;

    /** Characters of a block's or an instance's id. */
    public static final int MAX_ID_LENGTH = 256;

    private EventLimits() {}

    /** Why this event can't be counted; empty when it can. */
    public static Optional<String> refusal(TaskEvent event) {
        return Optional.ofNullable(reason(event));
    }

    private static @Nullable String reason(TaskEvent event) {
        String common =
                first(
                        id("blockId", event.blockId()),
                        range("atMs", event.atMs(), MAX_EVENT_TIME_MS));
        return common != null
                ? common
                : switch (event) {
                    case TaskFinished task -> task(task);
                    case Ticked tick -> tick(tick);
                    case InstanceEjected _, InstanceReadmitted _ -> null;
                    case InstanceReported report -> report(report);
                };
    }

    private static @Nullable String task(TaskFinished task) {
        // A JSON record without the field leaves it null, whatever its type says.
        if (task.outcome() == null) {
            return "outcome: absent (expected: how the task ended)";
        }
        return first(
                task.instanceId() == null ? null : id("instanceId", task.instanceId()),
                range("queueUs", task.queueUs(), MAX_DURATION_US),
                range("serviceUs", task.serviceUs(), MAX_DURATION_US),
                range("totalUs", task.totalUs(), MAX_DURATION_US),
                range("tokensIn", task.tokensIn(), MAX_TOKENS),
                range("tokensOut", task.tokensOut(), MAX_TOKENS));
    }

    private static @Nullable String tick(Ticked tick) {
        String reason =
                first(
                        range("queued", tick.queued(), Integer.MAX_VALUE),
                        range("instances", tick.instances().size(), MAX_INSTANCES));
        for (InstanceLoad load : tick.instances()) {
            reason =
                    first(
                            reason,
                            id("instances.instanceId", load.instanceId()),
                            range("instances.outstanding", load.outstanding(), Integer.MAX_VALUE));
        }
        return reason;
    }

    private static @Nullable String report(InstanceReported report) {
        if (report.document() == null || !report.document().text().startsWith("{")) {
            return "document: no object (expected: a metrics document)";
        }
        int length = report.document().text().length();
        return first(
                id("instanceId", report.instanceId()),
                length <= MAX_REPORT_LENGTH
                        ? null
                        : "document: %d characters (expected: at most %d)"
                                .formatted(length, MAX_REPORT_LENGTH));
    }

    private static @Nullable String range(String field, long value, long max) {
        return value >= 0 && value <= max
                ? null
                : field + ": " + value + " (expected: 0 to " + max + ")";
    }

    private static @Nullable String id(String field, @Nullable String value) {
        if (value == null || value.isEmpty() || value.length() > MAX_ID_LENGTH) {
            return "%s: %s (expected: 1 to %d characters)"
                    .formatted(
                            field,
                            value == null ? "absent" : value.length() + " characters",
                            MAX_ID_LENGTH);
        }
        // Ids are keys of the store: they must come back from UTF-8 as they went in.
        return value.chars().allMatch(c -> c >= ' ' && !Character.isSurrogate((char) c))
                ? null
                : field + ": has control or surrogate characters (expected: none)";
    }

    private static @Nullable String first(@Nullable String... reasons) {
        for (String reason : reasons) {
            if (reason != null) {
                return reason;
            }
        }
        return null;
    }
}
