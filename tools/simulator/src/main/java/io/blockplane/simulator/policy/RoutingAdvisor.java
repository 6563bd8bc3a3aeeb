package io.blockplane.simulator.policy;

import io.blockplane.simulator.workload.Request;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A block's own balancer, asked for each request after the built-in one found it a place. */
public interface RoutingAdvisor extends AutoCloseable {

    /**
     * Where the request is to go; null: where it is.
     *
     * @param instanceIds that serve, by id; the same list object while they are the same
     */
    @Nullable String choose(long nowMs, Request request, List<String> instanceIds);

    @Override
    default void close() {}
}
