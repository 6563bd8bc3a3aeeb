package io.blockplane.control.driver;

import io.blockplane.events.InstanceAddress;
import org.jspecify.annotations.Nullable;

/** How one run of an instance stands. */
sealed interface Run {

    /** It does not serve yet. */
    record Starting() implements Run {}

    /** It serves, and has answered a health check. */
    record Serving(InstanceAddress address) implements Run {}

    /**
     * It is gone, or never came up.
     *
     * @param exitCode null when unknown
     */
    record Exited(@Nullable Integer exitCode, String detail) implements Run {}
}
