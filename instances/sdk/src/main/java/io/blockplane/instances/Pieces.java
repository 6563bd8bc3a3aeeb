package io.blockplane.instances;

/** Where an instance puts its output while it makes it. Used by the thread that has the task. */
@FunctionalInterface
public interface Pieces {

    /**
     * Sends one more piece. Waits while the caller is slower than the instance.
     *
     * @return false when nobody wants more: the caller is gone, the rest would be work for nothing
     */
    boolean send(String delta);
}
