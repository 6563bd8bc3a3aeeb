/** Who decides in a simulation: the user's Python policies, the baselines, the oracle. */
@NullMarked
package io.blockplane.simulator.policy;

import org.jspecify.annotations.NullMarked;
