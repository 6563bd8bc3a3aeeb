package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import java.time.Duration;

/** The way to one run of one instance. Thread safe. */
interface Transport extends AutoCloseable {

    /** Opens the way to an instance; does not connect yet. */
    @FunctionalInterface
    interface Factory {

        /**
         * Opens it.
         *
         * @throws IllegalArgumentException when this executor knows no such transport
         */
        Transport open(String blockId, InstanceAddress address);
    }

    /**
     * Gives a packet to the instance and waits for what comes of it. A deadline and a cancellation
     * of the caller's gRPC context are passed on, and interrupting the thread gives up.
     *
     * @param limit time for all of it
     */
    Attempt attempt(AIOSPacket packet, Duration limit);

    /** Cuts off what is under way. */
    @Override
    void close();

    /** What came of one attempt. */
    sealed interface Attempt {

        /** The answer, and the tokens it took. */
        record Answered(String data, long inputTokens, long outputTokens) implements Attempt {}

        /** The instance had nothing of the task: another one may have it. */
        record NotTaken(String detail) implements Attempt {}

        /** The connection broke while the instance had the task; nobody knows how far it came. */
        record Lost(String detail) implements Attempt {}

        /** The instance says no, and asking again would not help. */
        record Refused(Status status) implements Attempt {}

        /** It took longer than the limit, or than the caller's deadline. */
        record Expired(String detail) implements Attempt {}

        /** We gave up: the caller is gone, or this executor stops. */
        record Abandoned() implements Attempt {}
    }
}
