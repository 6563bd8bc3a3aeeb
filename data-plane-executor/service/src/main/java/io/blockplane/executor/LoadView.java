package io.blockplane.executor;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.LeastOutstanding;
import io.blockplane.executor.core.NativeBalancer;
import io.blockplane.executor.core.OutstandingTokens;
import io.blockplane.executor.core.PowerOfTwo;
import io.blockplane.executor.core.Prequal;
import io.blockplane.executor.core.ProbePool;
import io.blockplane.executor.core.RoundRobin;
import io.blockplane.executor.core.SessionAffine;
import io.blockplane.executor.core.TokenEstimate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a block's balancer gets to see of its instances. Belongs to the router's lock. */
final class LoadView {

    private final NativeBalancer balancer;
    private final @Nullable ProbePool probes;
    private final @Nullable TokenEstimate tokens;

    LoadView(NativeBalancer balancer) {
        this.balancer = balancer;
        this.probes = balancer instanceof Prequal prequal ? new ProbePool(prequal) : null;
        this.tokens =
                balancer instanceof OutstandingTokens weighed ? new TokenEstimate(weighed) : null;
    }

    /** Estimated tokens of a task; 0 when nobody weighs them. */
    long tokens(int bytes) {
        return tokens == null ? 0 : tokens.of(bytes);
    }

    /** A task has shown its tokens. */
    void completed(int bytes, long inputTokens, long outputTokens) {
        if (tokens != null) {
            tokens.completed(bytes, inputTokens, outputTokens);
        }
    }

    /** Loads of these instances, in their order. */
    List<InstanceLoad> of(List<Target> targets, long nowNanos) {
        InstanceLoad[] loads = new InstanceLoad[targets.size()];
        boolean probed = probes != null && probed(probes, targets, nowNanos);
        for (int i = 0; i < loads.length; i++) {
            Target target = targets.get(i);
            loads[i] =
                    switch (balancer) {
                        case RoundRobin _, LeastOutstanding _, PowerOfTwo _, SessionAffine _ ->
                                new InstanceLoad(target.instanceId, target.outstanding);
                        case OutstandingTokens _ ->
                                InstanceLoad.ofTokens(
                                        target.instanceId, target.outstanding, target.tokens);
                        case Prequal _ ->
                                probed ? ofProbe(target, nowNanos) : ofOwn(target, nowNanos);
                    };
        }
        return List.of(loads);
    }

    /** What a request that was cut off at this instance counts as at least, microseconds. */
    long cutOffUs(Target at, Collection<Target> targets, long nowNanos) {
        return balancer instanceof Prequal prequal
                ? prequal.cutOffUs(
                        targets.stream()
                                .filter(target -> target != at)
                                .mapToLong(target -> target.latency.answeredUs(nowNanos))
                                .filter(us -> us > 0)
                                .toArray())
                : 0;
    }

    /** The pick went to this instance. */
    void picked(Target target) {
        if (probes != null) {
            probes.picked(target.instanceId);
        }
    }

    /** Which of these to ask how busy they are, after a pick. */
    List<String> toProbe(long sequence, List<InstanceLoad> candidates) {
        return probes == null
                ? List.of()
                : probes.toProbe(
                        sequence, candidates.stream().map(InstanceLoad::instanceId).toList());
    }

    /** An instance said how busy it is. */
    void answered(String instanceId, int inFlight, long latencyUs, long nowNanos) {
        if (probes != null) {
            probes.answered(instanceId, inFlight, latencyUs, nowNanos);
        }
    }

    /** The instance is gone, or another one. */
    void forget(String instanceId) {
        if (probes != null) {
            probes.forget(instanceId);
        }
    }

    private static boolean probed(ProbePool probes, List<Target> targets, long nowNanos) {
        int usable = 0;
        for (int i = 0; i < targets.size() && usable < ProbePool.LEAST; i++) {
            usable += probes.usable(targets.get(i).instanceId, nowNanos) == null ? 0 : 1;
        }
        return usable >= ProbePool.LEAST;
    }

    /**
     * Requests in flight are what the instance says, for others may send to it, too. Latency is
     * what was seen from here, which is newer; the instance's only where nothing was.
     */
    private InstanceLoad ofProbe(Target target, long nowNanos) {
        ProbePool.Probe probe = probes == null ? null : probes.usable(target.instanceId, nowNanos);
        if (probe == null) {
            return new InstanceLoad(target.instanceId, target.outstanding);
        }
        long own = target.latency.estimateUs(nowNanos);
        return InstanceLoad.probed(
                target.instanceId,
                target.outstanding,
                Math.max(probe.inFlight(), target.outstanding),
                own > 0 ? own : probe.latencyUs());
    }

    private static InstanceLoad ofOwn(Target target, long nowNanos) {
        return InstanceLoad.probed(
                target.instanceId,
                target.outstanding,
                target.outstanding,
                target.latency.estimateUs(nowNanos));
    }
}
