package io.blockplane.runner;

import io.blockplane.events.WindowClosed;
import io.blockplane.policy.Metrics;
import io.blockplane.windows.MetricsDocument;

/**
 * The newest window that a lane has seen: what its policy's clock shows and its {@code
 * get_metrics()} returns, also in calls that come between windows.
 *
 * @param atMs event time, epoch milliseconds; 0 before the first window
 */
record Now(long atMs, Metrics metrics) {

    static final Now BEFORE_ALL = new Now(0, Metrics.NONE);

    static Now of(WindowClosed window) {
        return new Now(
                window.asOfMs(),
                new Metrics(
                        WindowClosed.id(window.blockId(), window.asOfMs()),
                        MetricsDocument.of(window)));
    }

    /** The time of a call: the log's own if it has begun, else the caller's. */
    long timeMs(long callerMs) {
        return atMs > 0 ? atMs : callerMs;
    }
}
