@NullMarked
package io.blockplane.simulator.policy;

import org.jspecify.annotations.NullMarked;
