package io.blockplane.instances;

import io.blockplane.proto.aios.AIOSPacket;

/** One running copy of a block's workload. */
public interface Instance extends AutoCloseable {

    /**
     * Processes one packet. Called by as many threads at once as the server was given (see {@link
     * InstanceArguments#threads}), in the gRPC context of its call: whether the caller still waits,
     * and until when, is in {@code io.grpc.Context.current()}. An exception is a bug of the
     * instance: its caller sees INTERNAL and the task fails.
     */
    Result process(AIOSPacket packet);

    /** How it is, asked by every health probe: answers at once. */
    default Health health() {
        return Health.HEALTHY;
    }

    /** Called once, when no task is left or the time to finish is over. */
    @Override
    default void close() {}
}
