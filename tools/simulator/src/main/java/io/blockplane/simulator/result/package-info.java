/**
 * What a backtest found, as plain records: the simulator's output, the report's and the gate's
 * input.
 */
@NullMarked
package io.blockplane.simulator.result;

import org.jspecify.annotations.NullMarked;
