package io.blockplane.simulator.policy;

import io.blockplane.events.BlockSpec;
import io.blockplane.events.PolicyDecided.ScaleAction;
import io.blockplane.events.TaskEvent.Ticked;
import io.blockplane.events.WindowClosed;
import java.util.List;

/**
 * Who decides how many instances there are, in one run. Used by one thread; a run begins with a
 * fresh one.
 */
public interface Scaler extends AutoCloseable {

    /** From one evaluation to the next, at least, milliseconds of event time. */
    long intervalMs();

    /** A second has passed: what the executor says of it. Comes before the second's window. */
    default void onTick(Ticked tick) {}

    /** What is to be done now. */
    ScaleAction decide(Situation situation);

    @Override
    default void close() {}

    /**
     * What it decides on.
     *
     * @param window the latest
     * @param wanted ids of the instances that the block is to have, serving or starting, sorted
     * @param serving of them, those that serve
     */
    record Situation(
            WindowClosed window, BlockSpec spec, List<String> wanted, List<String> serving) {
        public Situation {
            wanted = List.copyOf(wanted);
            serving = List.copyOf(serving);
        }
    }
}
