package io.blockplane.events;

/**
 * Where an instance serves.
 *
 * @param transport {@code grpc}, {@code redis} or {@code openai}
 * @param target host:port, or the URL of a server of the OpenAI API
 * @param healthUrl of its health endpoint
 */
public record InstanceAddress(String transport, String target, String healthUrl) {}
