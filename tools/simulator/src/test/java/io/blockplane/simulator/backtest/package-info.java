@NullMarked
package io.blockplane.simulator.backtest;

import org.jspecify.annotations.NullMarked;
