package io.blockplane.simulator;

import io.blockplane.simulator.result.BacktestResult.DecisionMark;
import io.blockplane.simulator.result.BacktestResult.Timeline;
import java.util.List;

/**
 * How one run went.
 *
 * @param total from arrival to answer, of answered requests
 * @param queue of it, until an instance had it
 * @param sloAttainment share of all requests that were answered within the limit
 * @param instanceSeconds between the first and the last arrival
 * @param unfinished requests that were still open when the run was given up
 */
public record RunTrace(
        Times total,
        Times queue,
        long requests,
        double sloAttainment,
        double instanceSeconds,
        long refused,
        long failed,
        long unfinished,
        long scaleActions,
        Timeline timeline,
        List<DecisionMark> decisions,
        long events) {

    public RunTrace {
        decisions = List.copyOf(decisions);
    }
}
