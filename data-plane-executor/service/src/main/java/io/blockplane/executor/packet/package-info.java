/**
 * The packet: read strictly at the edge, carried as the bytes that it came as, and written into the
 * log.
 */
@NullMarked
package io.blockplane.executor.packet;

import org.jspecify.annotations.NullMarked;
