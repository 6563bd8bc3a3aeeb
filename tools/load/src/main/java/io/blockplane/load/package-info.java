/**
 * Load for blocks. A {@link io.blockplane.load.Schedule} says when each request leaves and how many
 * tokens it carries (rates, ramps, traces), a {@link io.blockplane.load.Payload} makes its data, a
 * {@link io.blockplane.load.LoadClient} sends it over gRPC, and {@link io.blockplane.load.LoadRun}
 * measures from the planned time, so that a slow server can't hide its queue.
 */
@NullMarked
package io.blockplane.load;

import org.jspecify.annotations.NullMarked;
