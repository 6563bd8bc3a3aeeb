package io.blockplane.policy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Gives a call that is executed again the responses of the record, in order. A request that is not
 * the recorded one gets none: the records will differ, and say where.
 */
final class RecordedHttp implements HttpSource {

    private final Deque<HttpExchanged> exchanges = new ArrayDeque<>();

    RecordedHttp(PolicyDecided recorded) {
        this(recorded.effects());
    }

    RecordedHttp(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof HttpExchanged exchanged) {
                exchanges.add(exchanged);
            }
        }
    }

    @Override
    public HttpExchanged exchange(HttpAsk ask, Duration limit, int maxBytes) {
        HttpExchanged next = exchanges.poll();
        return next != null && ask.isOf(next)
                ? next
                : ask.failed("ConnectionError", "the recorded call made no such request");
    }
}
