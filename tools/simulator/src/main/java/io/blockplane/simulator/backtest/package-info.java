/** Policies on one workload: calibration first, then comparison with intervals and a verdict. */
@NullMarked
package io.blockplane.simulator.backtest;

import org.jspecify.annotations.NullMarked;
