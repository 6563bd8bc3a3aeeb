package io.blockplane.events;

/**
 * Where an instance serves.
 *
 * @param transport {@code grpc}
 * @param target host:port of its transport
 * @param healthUrl of its health endpoint
 */
public record InstanceAddress(String transport, String target, String healthUrl) {}
