package io.blockplane.instances;

/** What an instance read in a packet before it begins to work. */
public sealed interface Preprocessed<T> {

    /** Something to work on. */
    record Entry<T>(T entry) implements Preprocessed<T> {}

    /** This packet can never succeed here. */
    record Invalid<T>(Result.InvalidInput reason) implements Preprocessed<T> {}
}
