package io.blockplane.executor.core.routing;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A block's instances that have tasks or may get some. */
final class Instances<I extends RoutedInstance> {

    private final Map<String, I> byId = new TreeMap<>();
    private long version;

    /** Of the instance set's last event. */
    long version() {
        return version;
    }

    void version(long next) {
        version = next;
    }

    void add(I instance) {
        byId.put(instance.instanceId(), instance);
    }

    void remove(I instance) {
        byId.remove(instance.instanceId(), instance);
    }

    @Nullable I find(String instanceId) {
        return byId.get(instanceId);
    }

    /** Whether this run is the one that there is. */
    boolean has(I instance) {
        return instance.equals(byId.get(instance.instanceId()));
    }

    /** By id. */
    Collection<I> all() {
        return byId.values();
    }

    boolean anyRoutable() {
        for (I instance : byId.values()) {
            if (instance.routable) {
                return true;
            }
        }
        return false;
    }
}
