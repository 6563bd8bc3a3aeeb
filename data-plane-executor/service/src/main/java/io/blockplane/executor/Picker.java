package io.blockplane.executor;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SlowStart;
import io.blockplane.executor.transport.Attempt;
import io.blockplane.executor.transport.Transport;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks a block's balancer which of the candidates gets a task, and shows it what it weighs. Belongs
 * to the router's lock.
 */
final class Picker {

    private final InstanceTable instances;
    private final Candidacy candidacy;
    private final Probing probing;
    private final int inferPerInstance;
    private RoutingRules rules = RoutingRules.DEFAULT;
    private LoadView view = new LoadView(rules.balancer());
    private long sequence;

    /** Sends a probe, outside the lock. */
    interface Probing {
        void send(Target target);
    }

    /**
     * Begins with the default rules.
     *
     * @param inferPerInstance infer tasks that an instance has at once
     */
    Picker(InstanceTable instances, Candidacy candidacy, int inferPerInstance, Probing probing) {
        this.instances = instances;
        this.candidacy = candidacy;
        this.inferPerInstance = inferPerInstance;
        this.probing = probing;
    }

    /** Other rules from now on. What was learned for the balancer stays while it is the same. */
    void rule(RoutingRules next) {
        if (!next.balancer().equals(rules.balancer())) {
            view = new LoadView(next.balancer());
        }
        rules = next;
    }

    /** A run is over. */
    void forget(Target gone) {
        view.forget(gone.instanceId);
    }

    /** Instances that may be given this task now. */
    List<Target> free(PacketFacts packet, Set<String> avoid, boolean infer, long nowNanos) {
        long key = rules.balancer().bySession() ? SlowStart.key(packet.sessionId()) : sequence + 1;
        return candidacy.of(
                instances.targets(),
                new Candidacy.Wanted(infer, inferPerInstance, avoid, key),
                nowNanos);
    }

    /** Whether an instance has no room for one more task. */
    boolean full(Target target, boolean infer) {
        return candidacy.full(target) || (infer && target.infer >= inferPerInstance);
    }

    /** A place at one of these. */
    Router.Lease lease(
            List<Target> free, PacketFacts packet, int bytes, boolean infer, long nowNanos) {
        sequence++;
        List<InstanceLoad> candidates = view.of(free, nowNanos);
        String choice = rules.balancer().choose(new Question(sequence, packet, candidates));
        Target target = instances.find(choice);
        if (target == null) {
            throw new IllegalStateException(rules.balancer().uri() + " chose " + choice);
        }
        Target.Hold hold = target.take(infer, bytes, view.tokens(bytes), nowNanos);
        view.picked(target);
        for (String id : view.toProbe(sequence, candidates)) {
            probe(instances.find(id));
        }
        Routing routing =
                Routing.builtIn(
                        rules.balancer().uri(), sequence, instances.version(), candidates, choice);
        return new Router.Lease(target, infer, routing, packet.sessionId(), hold);
    }

    /** What a task whose time ran out at this instance counts as at least, microseconds. */
    long cutOffUs(Target at, long nowNanos) {
        return view.cutOffUs(at, instances.targets(), nowNanos);
    }

    /** A task of this size completed. */
    void completed(int bytes, Attempt.Answered answered) {
        view.completed(bytes, answered.inputTokens(), answered.outputTokens());
    }

    /** What an instance said when it was asked. */
    void probed(Target target, Transport.Probed said, long nowNanos) {
        target.probing = false;
        switch (said) {
            case Transport.Probed.Busy(int inFlight, long latencyUs) -> {
                if (instances.find(target.instanceId) == target) {
                    view.answered(target.instanceId, inFlight, latencyUs, nowNanos);
                }
            }
            case Transport.Probed.Silent() -> {}
            case Transport.Probed.Unsupported() -> target.probeable = false;
        }
    }

    private void probe(@Nullable Target target) {
        if (target != null && target.probeable && !target.probing) {
            target.probing = true;
            probing.send(target);
        }
    }
}
