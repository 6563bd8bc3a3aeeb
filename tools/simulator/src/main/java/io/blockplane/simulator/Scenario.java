package io.blockplane.simulator;

import io.blockplane.events.BlockSpec;
import io.blockplane.simulator.result.BacktestResult.Slo;
import io.blockplane.simulator.service.ServiceModel;
import io.blockplane.simulator.workload.Workload;
import java.util.List;

/**
 * All that a run depends on but the policy and the seed.
 *
 * @param spec the block; its {@code loadBalancer} binding and limits hold, its autoscaler is given
 *     to the run
 * @param initialInstances that serve when the workload's time begins, within the block's limits
 * @param lastEvaluationMs when the autoscaler decided last before that, epoch milliseconds, so that
 *     its rhythm is the recorded one; 0: never; {@link #ANY_PHASE}: drawn by the seed
 * @param timeoutNanos after which a caller gives up; {@link #NO_TIMEOUT} when it never does
 * @param losses instances that go away on their own
 */
public record Scenario(
        BlockSpec spec,
        Workload workload,
        ServiceModel service,
        Timing timing,
        Slo slo,
        int initialInstances,
        long lastEvaluationMs,
        long timeoutNanos,
        List<Loss> losses) {

    public static final long NO_TIMEOUT = Long.MAX_VALUE;

    /** The autoscaler decided last at some time within its interval before the beginning. */
    public static final long ANY_PHASE = -1;

    public Scenario {
        losses = List.copyOf(losses);
        if (initialInstances < spec.minInstances() || initialInstances > spec.maxInstances()) {
            throw new IllegalArgumentException(
                    "initialInstances: %d (expected: %d to %d)"
                            .formatted(initialInstances, spec.minInstances(), spec.maxInstances()));
        }
        if (timeoutNanos <= 0) {
            throw new IllegalArgumentException("timeout: " + timeoutNanos + " ns (expected: > 0)");
        }
    }

    /**
     * How long things take around the instances.
     *
     * @param startUp from the request for an instance until it may be routed to
     * @param stop from an instance's last task, or its drain when it has none, until it is gone
     * @param decision from a window's end until what was decided on it holds
     */
    public record Timing(Durations startUp, Durations stop, Durations decision) {

        /** Nothing takes any time. */
        public static final Timing NONE =
                new Timing(Durations.ofMs(0), Durations.ofMs(0), Durations.ofMs(0));
    }

    /**
     * An instance goes away on its own and is started anew.
     *
     * @param atNanos since the workload's origin
     * @param rank which of those that serve then, by id, from 0; taken modulo their number
     */
    public record Loss(long atNanos, int rank) {}

    /** When an autoscaler of this interval decided last; drawn at the same part of every one. */
    long lastEvaluationMs(long intervalMs, long seed) {
        if (lastEvaluationMs != ANY_PHASE) {
            return lastEvaluationMs;
        }
        double part = Chance.of(seed, Chance.Stream.PHASE, 0).nextDouble();
        return workload.originMs() - (long) (part * intervalMs);
    }

    /** The same but for how long things take. */
    public Scenario with(Timing other) {
        return with(spec, other, initialInstances, lastEvaluationMs);
    }

    /** The same with the autoscaler's rhythm left to chance. */
    public Scenario inAnyPhase() {
        return with(spec, timing, initialInstances, ANY_PHASE);
    }

    /** The same of another block, with as many instances at the beginning as it may have. */
    public Scenario of(BlockSpec other) {
        return with(other, timing, initialInstances, lastEvaluationMs);
    }

    /** The same with another number of instances at the beginning. */
    public Scenario beginningWith(int instances) {
        return with(spec, timing, instances, lastEvaluationMs);
    }

    private Scenario with(BlockSpec block, Timing times, int instances, long evaluatedMs) {
        return new Scenario(
                block,
                workload,
                service,
                times,
                slo,
                Math.clamp(instances, block.minInstances(), block.maxInstances()),
                evaluatedMs,
                timeoutNanos,
                losses);
    }
}
