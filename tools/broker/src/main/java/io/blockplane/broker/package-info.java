/**
 * A real Apache Kafka node in KRaft mode from Maven Central's server jars: {@link
 * io.blockplane.broker.KafkaNode} runs it in this JVM (tests), {@link
 * io.blockplane.broker.BrokerMain} is the main of the JVM that {@code up} starts for it, {@link
 * io.blockplane.broker.BrokerProcess} is that JVM seen from outside.
 */
@NullMarked
package io.blockplane.broker;

import org.jspecify.annotations.NullMarked;
