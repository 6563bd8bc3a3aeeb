package io.blockplane.executor.core.routing;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * What a balancer with a policy chooses from.
 *
 * @param version of the instance set
 * @param ids of all that may be routed to; the same list while they are the same
 * @param loads of these, without the asking task
 */
public record Candidates(long version, List<String> ids, List<InstanceLoad> loads) {}
