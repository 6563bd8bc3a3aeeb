/**
 * Kafka, for the roles: topics made right, events to records and back, writers and a tail. The only
 * place where our events meet kafka-clients' records; nothing here knows what an event means.
 */
@NullMarked
package io.blockplane.log;

import org.jspecify.annotations.NullMarked;
