package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.Balancer.PacketFacts;
import java.util.Set;

/** A task that wants a place at an instance. What it says stays the same while it waits. */
public interface Asking {

    PacketFacts packet();

    /** Of its packet. */
    int bytes();

    /** Instances that failed it already; it gets one of them only if there is no other. */
    Set<String> avoid();

    /** Whether it need not be served any more. A call is taken out of its queue instead. */
    default boolean gone() {
        return false;
    }
}
