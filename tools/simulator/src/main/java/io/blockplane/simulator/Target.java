package io.blockplane.simulator;

import io.blockplane.executor.core.OwnLatency;
import io.blockplane.simulator.service.Server;
import java.util.LinkedHashMap;
import java.util.Map;

/** One run of one instance, with what the executor knows of it. */
final class Target {

    final String instanceId;
    final int generation;
    final Server server;
    final OwnLatency latency = new OwnLatency();

    /** By the request's index, in the order in which they came. */
    final Map<Integer, Task> inHand = new LinkedHashMap<>();

    boolean routable = true;
    int ordered;

    /** Estimated, of the tasks it has. */
    long tokens;

    /** The agenda has it for this time; later ones are of no account. */
    long wakesNanos = Server.IDLE;

    Target(String instanceId, int generation, Server server) {
        this.instanceId = instanceId;
        this.generation = generation;
        this.server = server;
    }

    int outstanding() {
        return inHand.size();
    }
}
