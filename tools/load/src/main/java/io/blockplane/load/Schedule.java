package io.blockplane.load;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The requests of a run in the order of their times. Read by one thread. */
public interface Schedule extends Closeable {

    /** The next request; null when there is none. */
    @Nullable Arrival next() throws IOException;

    @Override
    default void close() throws IOException {}
}
