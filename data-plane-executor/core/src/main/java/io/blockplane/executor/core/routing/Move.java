package io.blockplane.executor.core.routing;

/** Where a task went that was to go elsewhere. */
public sealed interface Move<I extends RoutedInstance> {

    /** Its place is there now. */
    record Moved<I extends RoutedInstance>(Place<I> place) implements Move<I> {}

    /** It stays where it has its place. */
    record Stayed<I extends RoutedInstance>(String reason) implements Move<I> {}
}
