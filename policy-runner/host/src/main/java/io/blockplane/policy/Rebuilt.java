package io.blockplane.policy;

import io.blockplane.events.PolicyDecided;

/** What rebuilding a policy object from its decisions led to. */
public sealed interface Rebuilt {

    /** Every call came out as recorded: the object has the state that it had. */
    record Same(int calls) implements Rebuilt {}

    /** The first call that came out otherwise; the object's state can't be trusted. */
    record Different(PolicyDecided recorded, PolicyDecided executed) implements Rebuilt {}

    /** The decisions can't be executed again. */
    record Impossible(String reason) implements Rebuilt {}
}
