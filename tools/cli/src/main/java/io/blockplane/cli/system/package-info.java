/** All roles in this JVM beside a real Kafka broker: what {@code up} and {@code demo} run. */
@NullMarked
package io.blockplane.cli.system;

import org.jspecify.annotations.NullMarked;
