package io.blockplane.executor.transport;

import java.util.Map;
import java.util.TreeSet;

/** All the ways to instances that this executor knows, by the name in an instance's address. */
public final class Transports {

    private Transports() {}

    /** One factory for all of them; refuses addresses of any other transport. */
    public static Transport.Factory of(Map<String, Transport.Factory> byName) {
        Map<String, Transport.Factory> known = Map.copyOf(byName);
        return (blockId, address) -> {
            Transport.Factory factory = known.get(address.transport());
            if (factory == null) {
                throw new IllegalArgumentException(
                        "transport: %s (expected: one of %s)"
                                .formatted(address.transport(), new TreeSet<>(known.keySet())));
            }
            return factory.open(blockId, address);
        };
    }
}
