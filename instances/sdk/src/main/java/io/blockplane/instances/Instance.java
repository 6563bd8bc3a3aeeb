package io.blockplane.instances;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.proto.aios.AIOSPacket;
import io.prometheus.client.CollectorRegistry;

/**
 * One running copy of a block's workload, as its server sees it. {@link BlockInstance} is the shape
 * that AIOSv1 instances have.
 */
public interface Instance extends AutoCloseable {

    /**
     * Processes one packet. Called by as many threads at once as the server was given (see {@link
     * InstanceArguments#threads}), in the gRPC context of its call: whether the caller still waits,
     * and until when, is in {@code io.grpc.Context.current()}. An exception is a bug of the
     * instance: its caller sees INTERNAL and the task fails.
     */
    Result process(AIOSPacket packet);

    /**
     * Processes one packet for a caller that wants its output in pieces; otherwise as {@link
     * #process}. Data of the output that it returns is sent as the last piece, so an instance that
     * makes its output at once has nothing to do here.
     */
    default Result stream(AIOSPacket packet, Pieces pieces) {
        return process(packet);
    }

    /** How it is, asked by every health probe: answers at once. */
    default Health health() {
        return Health.HEALTHY;
    }

    /**
     * Takes new parameters ({@code POST /setParameters}).
     *
     * @return those that hold from now on
     * @throws IllegalArgumentException when they can't; the message names the field
     */
    default JsonNode onUpdate(JsonNode parameters) {
        throw new IllegalArgumentException("parameters: this instance has none");
    }

    /**
     * A management call ({@code POST /mgmt}).
     *
     * @return its answer
     * @throws IllegalArgumentException when it knows no such action, or not with this data
     */
    default JsonNode management(String action, JsonNode data) {
        throw new IllegalArgumentException("mgmt_action: " + action + " (expected: none)");
    }

    /** Adds metrics of its own to the ones that every instance has; called once, before serving. */
    default void register(CollectorRegistry metrics) {}

    /** Called once, when no task is left or the time to finish is over. */
    @Override
    default void close() {}
}
