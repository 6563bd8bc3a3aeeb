/** Whether a candidate may pass, for a machine that asks. Pure. */
@NullMarked
package io.blockplane.replay.gate;

import org.jspecify.annotations.NullMarked;
