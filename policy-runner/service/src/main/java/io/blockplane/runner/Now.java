package io.blockplane.runner;

import io.blockplane.events.WindowClosed;
import io.blockplane.policy.Metrics;
import io.blockplane.windows.MetricsDocument;
import org.jspecify.annotations.Nullable;

/**
 * The newest window that a lane has seen: what its policy's clock shows and its {@code
 * get_metrics()} returns, also in calls that come between windows.
 *
 * @param window null before the first one
 */
record Now(@Nullable WindowClosed window) {

    static final Now BEFORE_ALL = new Now(null);

    /** The time of a call: the log's own if it has begun, else the caller's. */
    long timeMs(long callerMs) {
        return window == null ? callerMs : window.asOfMs();
    }

    /** Made at each call: most windows pass without a decision. */
    Metrics metrics() {
        return window == null
                ? Metrics.NONE
                : new Metrics(
                        WindowClosed.id(window.blockId(), window.asOfMs()),
                        MetricsDocument.of(window));
    }
}
