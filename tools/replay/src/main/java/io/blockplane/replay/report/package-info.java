/** A backtest's results as one page of HTML that needs nothing else. Pure but for its resources. */
@NullMarked
package io.blockplane.replay.report;

import org.jspecify.annotations.NullMarked;
