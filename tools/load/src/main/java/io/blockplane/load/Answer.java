package io.blockplane.load;

import io.blockplane.proto.aios.AIOSPacket;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** Hears what becomes of one request, on the client's event loop: must not block. */
public interface Answer {

    /** A piece of a streamed answer came. */
    void piece();

    /** It ended; called once, last. */
    void ended(Ended ended);

    /**
     * How a request ended.
     *
     * @param packet of the answer, where there is one (Predict)
     */
    record Ended(Status status, long inputTokens, long outputTokens, @Nullable AIOSPacket packet) {

        static Ended of(Status status) {
            return new Ended(status, 0, 0, null);
        }
    }
}
