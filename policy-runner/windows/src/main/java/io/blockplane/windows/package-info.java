/**
 * Rolling windows over task events, by event time only. {@link io.blockplane.windows.BlockWindows}
 * is the whole rule for one block and {@link io.blockplane.windows.LogWindows} keeps one for each
 * block of a log; topology, replay and simulator all call these and nothing else, so that equal
 * events give equal bytes everywhere. Pure: no clock, no randomness, no input or output, no Kafka.
 */
@NullMarked
package io.blockplane.windows;

import org.jspecify.annotations.NullMarked;
