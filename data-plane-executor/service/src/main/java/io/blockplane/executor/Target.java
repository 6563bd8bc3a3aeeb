package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import io.blockplane.executor.core.OwnLatency;
import io.blockplane.executor.transport.Transport;

/** One run of one instance, as a {@link Router} has it. Its fields belong to the router's lock. */
final class Target {

    final String instanceId;
    final int generation;
    final InstanceAddress address;
    final Transport transport;
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

    Target(String instanceId, int generation, InstanceAddress address, Transport transport) {
        this.instanceId = instanceId;
        this.generation = generation;
        this.address = address;
        this.transport = transport;
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

    /** What a task holds of a target. */
    record Hold(int bytes, long tokens, long sinceNanos, OwnLatency.Running running) {}
}
