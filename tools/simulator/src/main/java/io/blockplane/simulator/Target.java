package io.blockplane.simulator;

import io.blockplane.executor.core.routing.RoutedInstance;
import io.blockplane.simulator.service.Server;
import java.util.LinkedHashMap;
import java.util.Map;

/** One run of one instance: what the executor knows of it, and what it does. */
final class Target extends RoutedInstance {

    final Server server;

    /** By the request's index, in the order in which they came. */
    final Map<Integer, Task> inHand = new LinkedHashMap<>();

    /** It takes nothing any more and answers nothing. */
    boolean broken;

    /** The agenda has it for this time; later ones are of no account. */
    long wakesNanos = Server.IDLE;

    Target(String instanceId, int generation, Server server) {
        super(instanceId, generation);
        this.server = server;
    }
}
