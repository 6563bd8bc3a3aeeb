package io.blockplane.executor;

import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.routing.Answer;
import io.blockplane.executor.core.routing.Asking;
import io.blockplane.executor.core.routing.Place;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A task that waits at a {@link Router}, and the future of what it waits for.
 *
 * @param <R> what it is told
 */
abstract class Waiting<R> extends CompletableFuture<R> implements Asking {

    private final PacketFacts packet;
    private final int bytes;
    private final Set<String> avoid;

    private Waiting(PacketFacts packet, int bytes, Set<String> avoid) {
        this.packet = packet;
        this.bytes = bytes;
        this.avoid = Set.copyOf(avoid);
    }

    /** A Predict call: is told {@code Placed} or {@code NoInstance}. */
    static final class Call extends Waiting<Answer<Target, Call>> {
        Call(Asking asking) {
            super(asking.packet(), asking.bytes(), asking.avoid());
        }
    }

    /** An infer task. */
    static final class Task extends Waiting<Place<Target>> {
        Task(PacketFacts packet, int bytes, Set<String> avoid) {
            super(packet, bytes, avoid);
        }
    }

    @Override
    public PacketFacts packet() {
        return packet;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public Set<String> avoid() {
        return avoid;
    }

    @Override
    public boolean gone() {
        return isDone();
    }
}
