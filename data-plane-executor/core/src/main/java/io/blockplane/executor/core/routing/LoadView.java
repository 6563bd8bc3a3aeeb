package io.blockplane.executor.core.routing;

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

/** What a block's balancer gets to see of its instances. */
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
    List<InstanceLoad> of(List<? extends RoutedInstance> instances, long nowNanos) {
        InstanceLoad[] loads = new InstanceLoad[instances.size()];
        boolean probed = probes != null && probed(probes, instances, nowNanos);
        for (int i = 0; i < loads.length; i++) {
            RoutedInstance instance = instances.get(i);
            loads[i] =
                    switch (balancer) {
                        case RoundRobin _, LeastOutstanding _, PowerOfTwo _, SessionAffine _ ->
                                new InstanceLoad(instance.instanceId(), instance.outstanding);
                        case OutstandingTokens _ ->
                                InstanceLoad.ofTokens(
                                        instance.instanceId(),
                                        instance.outstanding,
                                        instance.tokens);
                        case Prequal _ ->
                                probed ? ofProbe(instance, nowNanos) : ofOwn(instance, nowNanos);
                    };
        }
        return List.of(loads);
    }

    /** What a request that was cut off at this instance counts as at least, microseconds. */
    long cutOffUs(
            RoutedInstance at, Collection<? extends RoutedInstance> instances, long nowNanos) {
        return balancer instanceof Prequal prequal
                ? prequal.cutOffUs(
                        instances.stream()
                                .filter(instance -> !instance.equals(at))
                                .mapToLong(instance -> instance.latency.answeredUs(nowNanos))
                                .filter(us -> us > 0)
                                .toArray())
                : 0;
    }

    /** The pick went to this instance. */
    void picked(RoutedInstance instance) {
        if (probes != null) {
            probes.picked(instance.instanceId());
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

    private static boolean probed(
            ProbePool probes, List<? extends RoutedInstance> instances, long nowNanos) {
        int usable = 0;
        for (int i = 0; i < instances.size() && usable < ProbePool.LEAST; i++) {
            usable += probes.usable(instances.get(i).instanceId(), nowNanos) == null ? 0 : 1;
        }
        return usable >= ProbePool.LEAST;
    }

    /**
     * Requests in flight are what the instance says, for others may send to it, too. Latency is
     * what was seen from here, which is newer; the instance's only where nothing was.
     */
    private InstanceLoad ofProbe(RoutedInstance instance, long nowNanos) {
        ProbePool.Probe probe =
                probes == null ? null : probes.usable(instance.instanceId(), nowNanos);
        if (probe == null) {
            return new InstanceLoad(instance.instanceId(), instance.outstanding);
        }
        long own = instance.latency.estimateUs(nowNanos);
        return InstanceLoad.probed(
                instance.instanceId(),
                instance.outstanding,
                Math.max(probe.inFlight(), instance.outstanding),
                own > 0 ? own : probe.latencyUs());
    }

    private static InstanceLoad ofOwn(RoutedInstance instance, long nowNanos) {
        return InstanceLoad.probed(
                instance.instanceId(),
                instance.outstanding,
                instance.outstanding,
                instance.latency.estimateUs(nowNanos));
    }
}
