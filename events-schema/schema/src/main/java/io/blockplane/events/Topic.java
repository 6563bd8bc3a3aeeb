package io.blockplane.events;

/**
 * The topics, their keys and what they hold. Partition count is one number for all of them and
 * fixed for a log's life, so that the same key has the same partition everywhere.
 */
public enum Topic {
    INBOX(
            "blockplane.inbox",
            Key.SESSION,
            Cleanup.KEEP,
            "Accepted infer packets (protobuf AIOSPacket)"),
    OUTPUTS(
            "blockplane.outputs",
            Key.SESSION,
            Cleanup.KEEP,
            "Results of infer packets (protobuf AIOSPacket)"),
    TASKS(
            "blockplane.tasks",
            Key.BLOCK,
            Cleanup.KEEP,
            "One event per finished or failed task, and ticks that move time without traffic"),
    PROBES("blockplane.probes", Key.BLOCK, Cleanup.KEEP, "One event per health probe and round"),
    WINDOWS(
            "blockplane.windows",
            Key.BLOCK,
            Cleanup.KEEP,
            "Rolling aggregates of each block and its instances, once a second of event time"),
    DECISIONS(
            "blockplane.decisions",
            Key.BLOCK,
            Cleanup.KEEP,
            "Every call of a policy with its inputs, effects and result, hash-chained"),
    COMMANDS(
            "blockplane.commands",
            Key.BLOCK,
            Cleanup.KEEP,
            "Requests to change something, by a person, a policy or an observation"),
    EVENTS(
            "blockplane.events",
            Key.BLOCK,
            Cleanup.KEEP,
            "Facts: accepted or refused changes, instance lifecycle; the control plane is their"
                    + " fold"),
    POLICIES(
            "blockplane.policies",
            Key.SUBJECT,
            Cleanup.COMPACT,
            "Policy versions, and their archives by SHA-256"),
    DEAD_LETTERS(
            "blockplane.dead-letters",
            Key.SUBJECT,
            Cleanup.KEEP,
            "What could not be read or delivered, with its source offset and the reason");

    /** What a record's key is. */
    public enum Key {
        BLOCK,
        SESSION,
        SUBJECT
    }

    /**
     * KEEP: nothing is ever deleted by time or size. COMPACT: the last record of each key stays.
     */
    public enum Cleanup {
        KEEP,
        COMPACT
    }

    private final String topicName;
    private final Key key;
    private final Cleanup cleanup;
    private final String holds;

    Topic(String topicName, Key key, Cleanup cleanup, String holds) {
        this.topicName = topicName;
        this.key = key;
        this.cleanup = cleanup;
        this.holds = holds;
    }

    public String topicName() {
        return topicName;
    }

    public Key key() {
        return key;
    }

    public Cleanup cleanup() {
        return cleanup;
    }

    public String holds() {
        return holds;
    }
}
