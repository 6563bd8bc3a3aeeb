package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.FairQueue;
import java.time.Duration;

/**
 * What a call finds at a {@link BlockRouter}.
 *
 * @param <C> a call
 */
public sealed interface Answer<I extends RoutedInstance, C extends Asking> {

    record Placed<I extends RoutedInstance, C extends Asking>(Place<I> place)
            implements Answer<I, C> {}

    /** No instance may be routed to. */
    record NoInstance<I extends RoutedInstance, C extends Asking>() implements Answer<I, C> {}

    /** Each has as many tasks as it may have; the router will tell. */
    record Waits<I extends RoutedInstance, C extends Asking>(FairQueue.Place<C> queued)
            implements Answer<I, C> {}

    /**
     * There is no sense in waiting.
     *
     * @param waiting calls
     * @param retryAfter when there may be
     */
    record Shed<I extends RoutedInstance, C extends Asking>(
            Why why, int waiting, Duration retryAfter) implements Answer<I, C> {}

    /** Why a call is refused. */
    enum Why {
        QUEUE_FULL,
        DEADLINE
    }
}
