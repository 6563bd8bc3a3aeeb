package io.blockplane.simulator.backtest;

import io.blockplane.simulator.Scenario;
import io.blockplane.simulator.workload.Request;
import java.util.ArrayList;
import java.util.List;

/** How many instances' work comes in, step by step. */
final class Demands {

    private final Scenario scenario;
    private final long stepMs;
    private final double[] busy;

    /**
     * Of a scenario's workload.
     *
     * @param stepMs a multiple of 1000
     */
    Demands(Scenario scenario, long stepMs) {
        this.scenario = scenario;
        this.stepMs = stepMs;
        long stepNanos = stepMs * 1_000_000;
        this.busy = new double[(int) (scenario.workload().lastNanos() / stepNanos) + 1];
        for (Request request : scenario.workload().requests()) {
            busy[(int) (request.atNanos() / stepNanos)] +=
                    scenario.service().workSeconds(request) / (stepMs / 1e3);
        }
    }

    /**
     * Instances for each step, within the block's limits.
     *
     * @param headroom instances for the work of one
     */
    List<Integer> plan(double headroom) {
        List<Integer> plan = new ArrayList<>(busy.length);
        for (int i = 0; i < busy.length; i++) {
            // What comes late in a step is worked on in the next one.
            double work = i == 0 ? busy[0] : Math.max(busy[i], busy[i - 1] / 2);
            plan.add(
                    Math.clamp(
                            (int) Math.ceil(headroom * work),
                            scenario.spec().minInstances(),
                            scenario.spec().maxInstances()));
        }
        return plan;
    }

    long stepMs() {
        return stepMs;
    }
}
