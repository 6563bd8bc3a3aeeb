package io.blockplane.executor.delivery;

import java.util.List;

/** The way to one endpoint. Belongs to one thread, but for {@link #close}. */
interface Sender extends AutoCloseable {

    /**
     * Sends results in this order: one outcome for each. After the first that is to be sent again,
     * all are.
     */
    List<Sent> send(List<Delivery.Part> parts);

    @Override
    void close();

    /** What became of a result. */
    sealed interface Sent {

        /** The destination has it. */
        record Delivered() implements Sent {}

        /** It may work later. */
        record Again(String detail) implements Sent {}

        /** The destination does not want it, and asking again would not help. */
        record Never(String detail) implements Sent {}
    }
}
