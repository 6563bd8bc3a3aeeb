package io.blockplane.simulator.service;

import io.blockplane.simulator.workload.Request;
import java.util.function.Consumer;

/**
 * One instance at work, in virtual time. Who drives it calls {@link #advance} at {@link #nextNanos}
 * and at no later time; time never goes back.
 */
public interface Server {

    /** Of {@link #nextNanos} when nothing will happen by itself. */
    long IDLE = Long.MAX_VALUE;

    /** Hands a request in. False: it has no room for it, and nothing has changed. */
    boolean offer(Request request, long nowNanos);

    /** Gives a request up. One that is not here, or not any more, changes nothing. */
    void cancel(Request request, long nowNanos);

    /** When to advance next. */
    long nextNanos();

    /** Time has come to this; hands over the requests that are answered, in their order. */
    void advance(long nowNanos, Consumer<Request> answered);
}
