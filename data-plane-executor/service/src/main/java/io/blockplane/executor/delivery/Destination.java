package io.blockplane.executor.delivery;

/** A place for results. */
public sealed interface Destination {

    /** Who answers there: what is down is down for all that goes to it. */
    String endpoint();

    /** A list of a Redis; results are pushed to its left. */
    record RedisList(String host, int port, String queueName) implements Destination {
        @Override
        public String endpoint() {
            return "redis://" + host + ":" + port;
        }

        @Override
        public String toString() {
            return endpoint() + "/" + queueName;
        }
    }

    /**
     * A block that takes results as packets, by {@code InferenceProxy/infer}.
     *
     * @param target {@code name:port}
     * @param blockId what the call says as {@code x-service-name}; empty: nothing
     */
    record Block(String target, String blockId) implements Destination {
        @Override
        public String endpoint() {
            return "grpc://" + target + "/" + blockId;
        }

        @Override
        public String toString() {
            return endpoint();
        }
    }
}
