package io.blockplane.replay;

/**
 * Something wrong with a log.
 *
 * <p>{@code where} is a place in the log: topic-partition@offset.
 */
public sealed interface Finding {

    String where();

    /** In one or a few lines, for people. */
    String text();

    /** A decision that comes out otherwise when executed again. */
    record Diverged(String where, String decisionId, String field, String recorded, String executed)
            implements Finding {
        @Override
        public String text() {
            return "%s at %s: %s differs%n    recorded: %s%n    executed: %s"
                    .formatted(decisionId, where, field, recorded, executed);
        }
    }

    /** A record that is missing, changed or out of its place. */
    record ChainBroken(String where, String decisionId, String reason) implements Finding {
        @Override
        public String text() {
            return "%s at %s: chain broken: %s".formatted(decisionId, where, reason);
        }
    }

    /** A record that can't be read at all. */
    record Unreadable(String where, String reason) implements Finding {
        @Override
        public String text() {
            return "unreadable record at %s: %s".formatted(where, reason);
        }
    }

    /** A decision that can't be executed, because the log lacks what it needs. */
    record NotExecutable(String where, String decisionId, String missing) implements Finding {
        @Override
        public String text() {
            return "%s at %s can't be executed: %s".formatted(decisionId, where, missing);
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
