package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.Balancer.PacketFacts;
import java.util.Set;

/** A task of a test. */
final class Wanting implements Asking {

    final long order;
    private final PacketFacts packet;
    private final Set<String> avoid;
    boolean gone;

    Wanting(long order, String session, Set<String> avoid) {
        this.order = order;
        this.packet = new PacketFacts(session, order);
        this.avoid = avoid;
    }

    @Override
    public PacketFacts packet() {
        return packet;
    }

    @Override
    public int bytes() {
        return 100;
    }

    @Override
    public Set<String> avoid() {
        return avoid;
    }

    @Override
    public boolean gone() {
        return gone;
    }

    @Override
    public String toString() {
        return packet.sessionId() + "/" + order + (avoid.isEmpty() ? "" : " avoids " + avoid);
    }
}
