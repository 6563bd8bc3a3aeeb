/**
 * Where results go: the destinations in a packet's {@code output_ptr}, read strictly and delivered
 * from the log at least once, in order for each session; and results by session for clients that
 * have no Kafka.
 */
@NullMarked
package io.blockplane.executor.delivery;

import org.jspecify.annotations.NullMarked;
