/**
 * The vocabulary: every event that Blockplane writes to Kafka, as records in sealed families, one
 * family per topic. Pure data and its JSON form; no clock, no I/O. Units are in the names: {@code
 * Ms} epoch milliseconds, {@code Us} microseconds of duration.
 */
@NullMarked
package io.blockplane.events;

import org.jspecify.annotations.NullMarked;
