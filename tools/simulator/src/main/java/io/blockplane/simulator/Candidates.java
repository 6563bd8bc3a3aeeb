package io.blockplane.simulator;

import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.executor.core.LeastOutstanding;
import io.blockplane.executor.core.NativeBalancer;
import io.blockplane.executor.core.OutstandingTokens;
import io.blockplane.executor.core.PowerOfTwo;
import io.blockplane.executor.core.Prequal;
import io.blockplane.executor.core.ProbePool;
import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.RoundRobin;
import io.blockplane.executor.core.SessionAffine;
import io.blockplane.executor.core.SlowStart;
import io.blockplane.executor.core.TokenEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which instances a task may go to, and what the balancer gets to see of them: as the executor has
 * it, of the same parts.
 */
final class Candidates {

    private final NativeBalancer balancer;
    private final Protection protection;
    private final SlowStart slowStart;
    private final @Nullable ProbePool probes;
    private final @Nullable TokenEstimate estimate;
    private final SortedMap<String, Target> targets = new TreeMap<>();

    Candidates(NativeBalancer balancer, Protection protection) {
        this.balancer = balancer;
        this.protection = protection;
        this.slowStart = new SlowStart(protection.slowStart());
        this.probes = balancer instanceof Prequal prequal ? new ProbePool(prequal) : null;
        this.estimate =
                balancer instanceof OutstandingTokens weighed ? new TokenEstimate(weighed) : null;
    }

    /** All that there are, by id. */
    SortedMap<String, Target> targets() {
        return targets;
    }

    void add(Target target, boolean warm, long nowNanos) {
        targets.put(target.instanceId, target);
        if (!warm) {
            slowStart.begin(target.instanceId, nowNanos);
        }
    }

    void remove(Target target) {
        targets.remove(target.instanceId);
        slowStart.forget(target.instanceId);
        if (probes != null) {
            probes.forget(target.instanceId);
        }
    }

    boolean anyRoutable() {
        for (Target target : targets.values()) {
            if (target.routable) {
                return true;
            }
        }
        return false;
    }

    /** Those that a task may go to now. */
    List<Target> free(Task task, long sequence, long nowNanos) {
        List<Target> free = new ArrayList<>(targets.size());
        for (Target target : targets.values()) {
            if (target.routable && !full(target, task.request.ordered())) {
                free.add(target);
            }
        }
        long key = balancer.bySession() ? SlowStart.key(task.request.session()) : sequence;
        return warm(free, key, nowNanos);
    }

    boolean full(Target target, boolean ordered) {
        return target.outstanding() >= protection.maxOutstanding()
                || (ordered && target.ordered >= protection.maxOutstanding());
    }

    /** All that serve, whether they have room or not. */
    List<Target> serving() {
        List<Target> serving = new ArrayList<>(targets.size());
        for (Target target : targets.values()) {
            if (target.routable) {
                serving.add(target);
            }
        }
        return serving;
    }

    /** Whether an instance warms up and has its share without this task. */
    boolean warmsUp(Target target, String session, long nowNanos) {
        return !slowStart.allWarm()
                && !warm(serving(), SlowStart.key(session), nowNanos).contains(target);
    }

    private List<Target> warm(List<Target> from, long key, long nowNanos) {
        return slowStart.warm(from, target -> target.instanceId, key, nowNanos);
    }

    /** Loads of these instances as the balancer sees them, in their order. */
    List<InstanceLoad> loads(List<Target> of, long nowNanos) {
        boolean probed =
                probes != null
                        && probes.enough(of.stream().map(t -> t.instanceId).toList(), nowNanos);
        InstanceLoad[] loads = new InstanceLoad[of.size()];
        for (int i = 0; i < loads.length; i++) {
            Target target = of.get(i);
            loads[i] =
                    switch (balancer) {
                        case RoundRobin _, LeastOutstanding _, PowerOfTwo _, SessionAffine _ ->
                                new InstanceLoad(target.instanceId, target.outstanding());
                        case OutstandingTokens _ ->
                                InstanceLoad.ofTokens(
                                        target.instanceId, target.outstanding(), target.tokens);
                        case Prequal _ -> probed(target, probed, nowNanos);
                    };
        }
        return List.of(loads);
    }

    private InstanceLoad probed(Target target, boolean enough, long nowNanos) {
        ProbePool.Probe probe =
                enough && probes != null ? probes.usable(target.instanceId, nowNanos) : null;
        long own = target.latency.estimateUs(nowNanos);
        if (enough && probe == null) {
            return new InstanceLoad(target.instanceId, target.outstanding());
        }
        return InstanceLoad.probed(
                target.instanceId,
                target.outstanding(),
                probe == null
                        ? target.outstanding()
                        : Math.max(probe.inFlight(), target.outstanding()),
                own > 0 || probe == null ? own : probe.latencyUs());
    }

    /** A task is to cost so many tokens, as far as one can tell from its prompt. */
    long estimatedTokens(int promptBytes) {
        return estimate == null ? 0 : estimate.of(promptBytes);
    }

    void completed(int promptBytes, long tokensIn, long tokensOut) {
        if (estimate != null) {
            estimate.completed(promptBytes, tokensIn, tokensOut);
        }
    }

    /** The pick went to this instance; probes are answered at once. */
    void picked(Target target, long sequence, List<InstanceLoad> seen, long nowNanos) {
        if (probes == null) {
            return;
        }
        probes.picked(target.instanceId);
        List<String> ids = seen.stream().map(InstanceLoad::instanceId).toList();
        for (String id : probes.toProbe(sequence, ids)) {
            Target asked = targets.get(id);
            if (asked != null) {
                probes.answered(
                        id, asked.outstanding(), asked.latency.estimateUs(nowNanos), nowNanos);
            }
        }
    }
}
