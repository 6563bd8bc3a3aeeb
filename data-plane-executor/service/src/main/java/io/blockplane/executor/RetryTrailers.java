package io.blockplane.executor;

import io.grpc.Metadata;
import java.time.Duration;

/** Tells a client that was refused when to come again. */
final class RetryTrailers {

    /** Milliseconds, for any client. */
    static final Metadata.Key<String> RETRY_AFTER_MS =
            Metadata.Key.of("retry-after-ms", Metadata.ASCII_STRING_MARSHALLER);

    /** Milliseconds, for gRPC's own retries (proposal A6). */
    static final Metadata.Key<String> PUSHBACK_MS =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private RetryTrailers() {}

    static Metadata of(Duration retryAfter) {
        Metadata trailers = new Metadata();
        trailers.put(RETRY_AFTER_MS, Long.toString(retryAfter.toMillis()));
        trailers.put(PUSHBACK_MS, Long.toString(retryAfter.toMillis()));
        return trailers;
    }
}
