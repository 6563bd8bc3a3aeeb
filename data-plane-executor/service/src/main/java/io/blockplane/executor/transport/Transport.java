package io.blockplane.executor.transport;

import com.google.protobuf.ByteString;
import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.packet.Packet;
import java.time.Duration;
import java.util.function.Consumer;

/** The way to one run of one instance. Thread safe. */
public interface Transport extends AutoCloseable {

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
     * A task for the instance.
     *
     * @param stream true: the output is wanted in pieces
     * @param limit time for all of it: ours, or what is left of the caller's when that is less
     */
    record Work(Packet packet, boolean stream, Duration limit) {}

    /** Is told what comes of an attempt, on any thread, which it may not hold up. */
    interface Listener {

        /** One more piece of the output, UTF-8, in order; none when no stream was wanted. */
        void piece(ByteString text);

        /** Once, last, and perhaps before {@link Transport#start} has returned. */
        void ended(Attempt attempt);
    }

    /** An attempt under way. Its methods do nothing once it has ended. */
    interface Flight {

        /** Lets so many more pieces of a stream come; it begins with none. */
        void request(int pieces);

        /** Gives the attempt up; it ends {@link Attempt.Abandoned}, unless it has ended. */
        void cancel();
    }

    /** Gives a task to the instance. Never blocks. */
    Flight start(Work work, Listener listener);

    /** What an instance says of itself. */
    sealed interface Probed {

        /**
         * How busy it is.
         *
         * @param inFlight requests that it has, from all
         * @param latencyUs of one now, microseconds; 0: not known
         */
        record Busy(int inFlight, long latencyUs) implements Probed {}

        /** No answer. */
        record Silent() implements Probed {}

        /** This way has no such question, or this instance does not know it. */
        record Unsupported() implements Probed {}
    }

    /**
     * Asks the instance how busy it is. Never blocks.
     *
     * @param listener is told once, on any thread, which it may not hold up
     */
    default void probe(Consumer<Probed> listener) {
        listener.accept(new Probed.Unsupported());
    }

    /** Cuts off what is under way. */
    @Override
    void close();
}
