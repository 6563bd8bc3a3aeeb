/**
 * Backtests and sweeps, wired: workloads from logs and files, models from what was recorded,
 * policies from archives, results as text and JSON.
 */
@NullMarked
package io.blockplane.replay.backtest;

import org.jspecify.annotations.NullMarked;
