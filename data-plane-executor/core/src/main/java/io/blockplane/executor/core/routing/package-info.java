/**
 * The routing of one block: which instance a task goes to, who waits and in which order, what an
 * attempt's end says of its instance. {@link io.blockplane.executor.core.routing.BlockRouter} is
 * the whole of it; the executor puts a lock, a clock and transports around it, the simulator
 * virtual time.
 */
@NullMarked
package io.blockplane.executor.core.routing;

import org.jspecify.annotations.NullMarked;
