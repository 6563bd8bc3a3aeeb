package io.blockplane.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.blockplane.events.EventJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Where a running system serves. {@code up} writes it into its data folder, so that the other
 * commands find it.
 *
 * @param pid of the process that runs the roles
 * @param bootstrapServers of the Kafka cluster
 * @param rest base URL of the management API
 * @param grpc host:port of inference
 * @param redis host:port of what AIOSv1 knows as the executor's Redis
 * @param metrics URL of the executor's Prometheus metrics
 */
public record Endpoints(
        long pid, String bootstrapServers, String rest, String grpc, String redis, String metrics) {

    private static final String FILE = "endpoints.json";

    /** Writes it so that a reader sees all or nothing. */
    public void write(Path dataDir) throws IOException {
        Path temporary = dataDir.resolve(FILE + ".new");
        Files.writeString(temporary, EventJson.MAPPER.writeValueAsString(this));
        Files.move(
                temporary,
                dataDir.resolve(FILE),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a system with this data folder wrote, if its process still lives. */
    public static Optional<Endpoints> read(Path dataDir) throws IOException {
        Path file = dataDir.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Endpoints endpoints =
                    EventJson.MAPPER.readValue(Files.readString(file), Endpoints.class);
            boolean alive = ProcessHandle.of(endpoints.pid).isPresent();
            return alive ? Optional.of(endpoints) : Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no endpoints file: " + e.getOriginalMessage(), e);
        }
    }

    /** Forgets it: the system has stopped. */
    public static void delete(Path dataDir) throws IOException {
        Files.deleteIfExists(dataDir.resolve(FILE));
    }
}
