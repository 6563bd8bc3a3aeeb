@NullMarked
package io.blockplane.replay.backtest;

import org.jspecify.annotations.NullMarked;
