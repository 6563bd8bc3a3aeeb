package io.blockplane.control.driver;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One run of an instance: what a driver has in hand of it. Thread safe. */
sealed interface InstanceRun permits InstanceProcess, RemoteInstance {

    int generation();

    /** How it stands. */
    Run run();

    /** Since it was begun. */
    Duration age();

    /** How long it served until now; zero when it never did. */
    Duration served();

    /** Of its process; null when it has none. */
    @Nullable Long pid();

    /**
     * Ends it, in a while. Returns at once.
     *
     * @return whether this was the first time
     */
    boolean stop(String reason);

    /** Waits until it has exited, which {@link #stop} makes sure of. */
    void awaitExit();
}
