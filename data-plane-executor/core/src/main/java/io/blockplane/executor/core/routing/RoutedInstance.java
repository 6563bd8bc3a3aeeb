package io.blockplane.executor.core.routing;

import io.blockplane.executor.core.OwnLatency;

/**
 * One run of one instance, as a {@link BlockRouter} has it. Who has a way to it adds that in a
 * subclass. What changes in it is the router's alone.
 */
public class RoutedInstance {

    private final String instanceId;
    private final int generation;
    final OwnLatency latency = new OwnLatency();
    boolean routable = true;
    int outstanding;
    int infer;

    /** Whether it can be asked how busy it is, as far as is known. */
    boolean probeable = true;

    /** It is being asked. */
    boolean probing;

    /** Estimated, of the tasks it has; counted while the balancer weighs them. */
    long tokens;

    public RoutedInstance(String instanceId, int generation) {
        this.instanceId = instanceId;
        this.generation = generation;
    }

    public final String instanceId() {
        return instanceId;
    }

    /** Which run of the instance, from 1. */
    public final int generation() {
        return generation;
    }

    /** Whether it gets tasks, as far as the instance set says. */
    public final boolean isRoutable() {
        return routable;
    }

    /** Tasks that it has in its hands. */
    public final int outstanding() {
        return outstanding;
    }

    /** How long a request takes there, as far as it is seen from here; 0 when nothing is known. */
    public final long latencyUs(long nowNanos) {
        return latency.estimateUs(nowNanos);
    }

    /**
     * Takes a task.
     *
     * @param estimated its tokens
     */
    Hold take(boolean forInfer, int bytes, long estimated, long nowNanos) {
        outstanding++;
        infer += forInfer ? 1 : 0;
        tokens += estimated;
        return new Hold(bytes, estimated, nowNanos, latency.started(nowNanos));
    }

    /**
     * Gives it back.
     *
     * @param answered whether the time that it took says something of the instance
     */
    void giveBack(Hold hold, boolean forInfer, boolean answered, long nowNanos) {
        remove(hold, forInfer);
        latency.ended(hold.running(), answered, nowNanos);
    }

    /**
     * Gives it back, since its time ran out.
     *
     * @param atLeastUs what that time counts as at least
     */
    void cutOff(Hold hold, boolean forInfer, long atLeastUs, long nowNanos) {
        remove(hold, forInfer);
        latency.cutOff(hold.running(), atLeastUs, nowNanos);
    }

    private void remove(Hold hold, boolean forInfer) {
        outstanding--;
        infer -= forInfer ? 1 : 0;
        tokens -= hold.tokens();
    }

    /** What a task holds of an instance. */
    public record Hold(int bytes, long tokens, long sinceNanos, OwnLatency.Running running) {}
}
