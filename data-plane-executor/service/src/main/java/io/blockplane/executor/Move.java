package io.blockplane.executor;

/** Where a task went that was to go elsewhere. */
sealed interface Move {

    /** Its place is there now. */
    record Moved(Router.Lease place) implements Move {}

    /** It stays where it has its place. */
    record Stayed(String reason) implements Move {}
}
