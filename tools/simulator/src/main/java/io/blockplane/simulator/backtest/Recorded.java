package io.blockplane.simulator.backtest;

import io.blockplane.simulator.result.BacktestResult.Percentiles;

/**
 * What really happened, measured as runs are.
 *
 * @param instanceSeconds between the first and the last arrival
 * @param total of answered requests, milliseconds
 * @param queue of it, waiting, milliseconds
 * @param scaleActions that changed something, between the first and the last arrival
 */
public record Recorded(
        double instanceSeconds,
        double sloAttainment,
        Percentiles total,
        Percentiles queue,
        long scaleActions) {}
