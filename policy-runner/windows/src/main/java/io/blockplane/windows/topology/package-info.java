/**
 * The windows as a process role: Kafka Streams carries task events to {@link
 * io.blockplane.windows.LogWindows} and its windows back to the log, exactly once, one task of work
 * a partition. Nothing here decides what a window holds. {@link
 * io.blockplane.windows.topology.WindowsRole} is started and closed by whoever runs the roles.
 */
@NullMarked
package io.blockplane.windows.topology;

import org.jspecify.annotations.NullMarked;
