package io.blockplane.executor.delivery;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A result that is to be delivered, from its place in {@code blockplane.outputs}. */
final class Delivery {

    private final int partition;
    private final long offset;
    private final String sessionId;
    private final byte[] packet;
    private final AtomicInteger open;
    private final BooleanSupplier live;
    private final Runnable done;

    /**
     * A result that nobody has yet.
     *
     * @param packet as it goes out
     * @param destinations how many
     * @param live false when another executor has its partition now
     * @param done called once, when every destination has it or never will
     */
    Delivery(
            int partition,
            long offset,
            String sessionId,
            byte[] packet,
            int destinations,
            BooleanSupplier live,
            Runnable done) {
        this.partition = partition;
        this.offset = offset;
        this.sessionId = sessionId;
        this.packet = packet;
        this.open = new AtomicInteger(destinations);
        this.live = live;
        this.done = done;
    }

    /**
     * One destination of it.
     *
     * @param index of the destination in the packet's list
     */
    record Part(Delivery delivery, int index, Destination destination) {

        /** This destination has it, or never will. */
        void end() {
            delivery.ended();
        }
    }

    int partition() {
        return partition;
    }

    long offset() {
        return offset;
    }

    String sessionId() {
        return sessionId;
    }

    byte[] packet() {
        return packet;
    }

    boolean live() {
        return live.getAsBoolean();
    }

    private void ended() {
        if (open.decrementAndGet() == 0) {
            done.run();
        }
    }
}
