package io.blockplane.simulator;

import io.blockplane.events.WindowClosed;
import io.blockplane.events.WindowStats;
import java.util.Locale;

/** A window in words. */
final class Inputs {

    private Inputs() {}

    static String text(WindowClosed window) {
        WindowStats block = window.block();
        return String.format(
                Locale.ROOT,
                "last minute: %.1f tasks/s, %.0f tokens in and %.0f out a minute, %.1f in hand,"
                        + " p95 %.2f s",
                block.fps().average1m(),
                block.inputTokensPerMinute().average1m(),
                block.outputTokensPerMinute().average1m(),
                block.queueLength().average1m(),
                block.latencyP95().average1m());
    }
}
