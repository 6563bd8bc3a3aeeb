package io.blockplane.executor.core.routing;

import io.blockplane.events.TaskEvent.Routing;

/**
 * A place at an instance for one task, to be given back to its {@link BlockRouter} once.
 *
 * @param infer whether it is an accepted task's, and not a call's
 * @param hold what it holds of the instance
 */
public record Place<I extends RoutedInstance>(
        I instance, boolean infer, Routing routing, String sessionId, RoutedInstance.Hold hold) {

    public String instanceId() {
        return instance.instanceId();
    }

    /** The same place by another decision. */
    public Place<I> routed(Routing decision) {
        return new Place<>(instance, infer, decision, sessionId, hold);
    }

    /** The same place at another instance, to which it was moved. */
    Place<I> at(I moved, RoutedInstance.Hold held) {
        return new Place<>(moved, infer, routing, sessionId, held);
    }
}
