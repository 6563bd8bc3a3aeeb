package io.blockplane.executor.core;

/** A balancer that comes along. Its components are its parameters; it has no state. */
public sealed interface NativeBalancer extends Balancer
        permits RoundRobin,
                LeastOutstanding,
                PowerOfTwo,
                SessionAffine,
                Prequal,
                OutstandingTokens {

    /** Whether tasks of one session are to stay together. */
    default boolean bySession() {
        return false;
    }
}
