package io.blockplane.runner;

import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import java.util.List;

/**
 * When a policy decides, on what, and what follows from it. Each answer is what belongs into the
 * log, together; empty when nothing does. Used by one thread.
 */
interface Decider extends AutoCloseable {

    /** A window closed: time has moved. */
    List<Envelope<? extends Event>> onWindow(WindowClosed window);

    /** An instance was probed. */
    void onProbe(Envelope<ProbeRecorded> probe);

    /** The block is to have another instance. */
    default List<Envelope<? extends Event>> onRequested(Envelope<InstanceRequested> requested) {
        return List.of();
    }

    /** Somebody calls the policy. */
    List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call);

    @Override
    void close();
}
