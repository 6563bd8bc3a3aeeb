package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.core.routing.RoutedInstance;
import io.blockplane.executor.transport.Transport;

/** One run of one instance, and the way to it. Belongs to the router's lock. */
final class Target extends RoutedInstance {

    final InstanceAddress address;
    final Transport transport;

    Target(String instanceId, int generation, InstanceAddress address, Transport transport) {
        super(instanceId, generation);
        this.address = address;
        this.transport = transport;
    }
}
