package io.blockplane.policy;

import io.blockplane.events.document.Document;
import org.jspecify.annotations.Nullable;

/** The metrics documents of windows in the log, for executing recorded calls again. */
@FunctionalInterface
public interface WindowDocuments {

    /** The document of a window; null when the window is not there. */
    @Nullable Document of(String windowId);
}
