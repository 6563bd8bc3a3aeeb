package io.blockplane.control.command;

/** Where a control plane stands in its life as the one that decides. */
public sealed interface Leadership {

    /** It takes over and folds the log. */
    record Starting() implements Leadership {}

    /** It decides commands. */
    record Leading() implements Leadership {}

    /** A newer one decides now; this one will not again. */
    record Fenced(String reason) implements Leadership {}

    /** It stopped because it could not go on. */
    record Failed(String reason) implements Leadership {}

    /** It was closed. */
    record Closed() implements Leadership {}
}
