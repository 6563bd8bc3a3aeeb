package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.OutlierEjection.Ejection;
import io.blockplane.executor.core.OutlierEjection.Readmission;

/**
 * Is told what a {@link BlockRouter} did beside its answer. It is told in the middle of an
 * operation, while others may still have their turn: it takes note, and acts when the operation is
 * over, in the order in which it was told. Then it may ask the router for more. The executor has to
 * do so anyway, for it holds a lock; the simulator does the same, so that both act in one order.
 *
 * @param <C> a call
 * @param <T> an infer task
 */
public interface Effects<I extends RoutedInstance, C extends Asking, T extends Asking> {

    /** A call that waited has its place. */
    void callPlaced(C call, Place<I> place);

    /** A call waited in vain: no instance may be routed to any more. */
    void callDismissed(C call);

    /** An infer task has its place. */
    void taskPlaced(T task, Place<I> place);

    /** The instance is to be asked how busy it is. */
    void probe(I instance);

    void ejected(Ejection ejection);

    void readmitted(Readmission readmission);
}
