package io.blockplane.policy;

import io.blockplane.events.PolicyDecided.HttpExchanged;
import java.time.Duration;

/** Where the responses to a policy's HTTP requests come from. */
interface HttpSource {

    /** Every request fails: nothing may leave. */
    HttpSource NONE = (ask, _, _) -> ask.failed("ConnectionError", "no network for this policy");

    /**
     * One exchange, whole, redirects included. What goes wrong is in the record.
     *
     * @param limit to be done within
     * @param maxBytes most that the response's body may have
     */
    HttpExchanged exchange(HttpAsk ask, Duration limit, int maxBytes);
}
