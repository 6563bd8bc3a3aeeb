package io.blockplane.executor.delivery;

/** Takes what could not be delivered. */
@FunctionalInterface
interface DeadLetters {

    /** Returns when it is durable, however long that takes. */
    void bury(Delivery.Part part, int attempts, String reason) throws InterruptedException;
}
