package io.blockplane.executor.core.routing;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.core.Balancer.PacketFacts;
import io.blockplane.executor.core.Balancer.Question;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.SlowStart;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks a block's balancer which of the candidates gets a task, and shows it what it weighs. */
final class Picker<I extends RoutedInstance> {

    private final Instances<I> instances;
    private final Candidacy<I> candidacy;
    private final Effects<I, ?, ?> effects;
    private RoutingRules rules = RoutingRules.DEFAULT;
    private LoadView view = new LoadView(rules.balancer());
    private long sequence;

    Picker(
            Instances<I> instances,
            Candidacy<I> candidacy,
            long picksBefore,
            Effects<I, ?, ?> effects) {
        this.instances = instances;
        this.candidacy = candidacy;
        this.sequence = picksBefore;
        this.effects = effects;
    }

    /** Other rules from now on. What was learned for the balancer stays while it is the same. */
    void rule(RoutingRules next) {
        if (!next.balancer().equals(rules.balancer())) {
            view = new LoadView(next.balancer());
        }
        rules = next;
    }

    /** A run is over. */
    void forget(I gone) {
        view.forget(gone.instanceId());
    }

    /** Instances that may be given this task now. */
    List<I> free(PacketFacts packet, Set<String> avoid, boolean infer, long nowNanos) {
        long key = rules.balancer().bySession() ? SlowStart.key(packet.sessionId()) : sequence + 1;
        return candidacy.of(instances.all(), avoid, infer, key, nowNanos);
    }

    /** A place at one of these. */
    Place<I> place(List<I> free, Asking asking, boolean infer, long nowNanos) {
        sequence++;
        PacketFacts packet = asking.packet();
        List<InstanceLoad> candidates = view.of(free, nowNanos);
        String choice = rules.balancer().choose(new Question(sequence, packet, candidates));
        I instance = instances.find(choice);
        if (instance == null) {
            throw new IllegalStateException(rules.balancer().uri() + " chose " + choice);
        }
        int bytes = asking.bytes();
        RoutedInstance.Hold hold = instance.take(infer, bytes, view.tokens(bytes), nowNanos);
        view.picked(instance);
        for (String id : view.toProbe(sequence, candidates)) {
            probe(instances.find(id));
        }
        Routing routing =
                Routing.builtIn(
                        rules.balancer().uri(), sequence, instances.version(), candidates, choice);
        return new Place<>(instance, infer, routing, packet.sessionId(), hold);
    }

    /** What a task whose time ran out at this instance counts as at least, microseconds. */
    long cutOffUs(I at, long nowNanos) {
        return view.cutOffUs(at, instances.all(), nowNanos);
    }

    /** A task of this size completed. */
    void completed(int bytes, long inputTokens, long outputTokens) {
        view.completed(bytes, inputTokens, outputTokens);
    }

    /** An instance said how busy it is. */
    void probed(I instance, int inFlight, long latencyUs, long nowNanos) {
        instance.probing = false;
        if (instances.has(instance)) {
            view.answered(instance.instanceId(), inFlight, latencyUs, nowNanos);
        }
    }

    private void probe(@Nullable I instance) {
        if (instance != null && instance.probeable && !instance.probing) {
            instance.probing = true;
            effects.probe(instance);
        }
    }
}
