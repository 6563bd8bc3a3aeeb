package io.blockplane.policy;

/**
 * Where {@code get_metrics()} gets its document. Called on the policy's thread, each time that the
 * policy calls; must answer at once.
 */
@FunctionalInterface
public interface MetricsSource {

    /** There is no window yet. */
    MetricsSource NONE = () -> Metrics.NONE;

    Metrics current();
}
