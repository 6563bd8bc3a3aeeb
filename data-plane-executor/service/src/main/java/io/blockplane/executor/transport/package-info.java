/**
 * The ways to instances: one port, {@link io.blockplane.executor.transport.Transport}, and one
 * class for each protocol behind it. Nothing here blocks: attempts start and end on event loops.
 */
@NullMarked
package io.blockplane.executor.transport;

import org.jspecify.annotations.NullMarked;
