package io.blockplane.executor;

/** Where a task went that was to go elsewhere. */
sealed interface Move {

    record Moved(Router.Target target) implements Move {}

    /** It stays where it has its place. */
    record Stayed(String reason) implements Move {}
}
