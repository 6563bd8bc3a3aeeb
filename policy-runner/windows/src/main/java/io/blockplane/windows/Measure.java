package io.blockplane.windows;

/**
 * What is summed over a stretch of event time, always as an integer.
 *
 * <p>Each has its place in stored state for ever: new ones go to the end.
 */
enum Measure {
    /** Tasks that ended, whatever their outcome. */
    TASKS(0),
    /** Tasks that ended and had been with an instance. */
    REACHED(1),
    /** Tasks that failed or expired. */
    ERRORS(2),
    TOTAL_US(3),
    QUEUE_US(4),
    SERVICE_US(5),
    TOKENS_IN(6),
    TOKENS_OUT(7),
    /** Ticks that were seen (of an instance: that name it). */
    TICKS(8),
    /** Sum over these ticks of the tasks that were outstanding. */
    OUTSTANDING(9);

    static final int COUNT = values().length;

    private final int place;

    Measure(int place) {
        this.place = place;
    }

    int place() {
        return place;
    }
}
