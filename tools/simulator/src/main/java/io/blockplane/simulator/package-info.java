/**
 * A block in virtual time: the production router, windows, policies and control plane around
 * simulated instances. Reads no log, waits for nothing, and is the same every time for a seed.
 */
@NullMarked
package io.blockplane.simulator;

import org.jspecify.annotations.NullMarked;
