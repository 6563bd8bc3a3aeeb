package io.blockplane.control.policies;

import io.blockplane.events.PolicyEvent.PolicyRegistered;
import org.jspecify.annotations.Nullable;

/** What came of registering a policy version. */
public sealed interface Registration {

    /** It is registered now. */
    record Registered() implements Registration {}

    /** It was registered before, with the same content. */
    record Unchanged() implements Registration {}

    /** Another content is registered under its uri: a version never changes. */
    record Conflict(PolicyRegistered existing) implements Registration {}

    /** A version of its uri was deleted: the uri is never given to another one. */
    record Deleted() implements Registration {}

    /** It could not be put into the log, or it is not known whether it could. */
    record Unwritten(String reason) implements Registration {}

    /**
     * Pure. JSON objects are equal whatever the order of their keys.
     *
     * @param deleted whether a version of this uri was deleted
     */
    static Registration decide(
            @Nullable PolicyRegistered existing, boolean deleted, PolicyRegistered candidate) {
        if (existing == null) {
            return deleted ? new Deleted() : new Registered();
        }
        boolean same =
                existing.archiveSha256().equals(candidate.archiveSha256())
                        && existing.entry().node().equals(candidate.entry().node());
        return same ? new Unchanged() : new Conflict(existing);
    }
}
