package io.blockplane.cli.system;

import io.blockplane.control.rest.PolicyPorts;
import io.blockplane.log.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one machine's system needs. Ports: 0 takes a free one.
 *
 * @param dataDir belongs to this process while it runs
 * @param bootstrapServers an existing cluster; null starts a broker of our own, its data in the
 *     folder
 * @param redisPort of what AIOSv1 knows as the executor's Redis; a free one when it is taken
 * @param components commands of the operator's own that instances can run, by component uri
 * @param policyPorts where AIOSv1 has the management of policies; empty: only the REST port has it
 * @param allowedHosts where policies may send HTTP requests, see {@link
 *     io.blockplane.policy.HttpAccess}
 * @param partitions of every topic, when the log is new
 * @param replication of every topic, when the log is new
 */
public record SystemConfig(
        Path dataDir,
        @Nullable String bootstrapServers,
        int kafkaPort,
        int restPort,
        int grpcPort,
        int metricsPort,
        int redisPort,
        Map<String, List<String>> components,
        Optional<PolicyPorts> policyPorts,
        List<String> allowedHosts,
        int partitions,
        short replication) {

    public SystemConfig {
        components = Map.copyOf(components);
        allowedHosts = List.copyOf(allowedHosts);
        port("--redis-port", redisPort);
        port("--kafka-port", kafkaPort);
        port("--rest-port", restPort);
        port("--grpc-port", grpcPort);
        port("--metrics-port", metricsPort);
        if (partitions < 1) {
            throw new IllegalArgumentException("--partitions: " + partitions + " (expected: >= 1)");
        }
        if (replication < 1) {
            throw new IllegalArgumentException(
                    "--replication: " + replication + " (expected: >= 1)");
        }
    }

    /** On free ports: for the demo and tests. */
    public static SystemConfig onFreePorts(Path dataDir, @Nullable String bootstrapServers) {
        return new SystemConfig(
                dataDir,
                bootstrapServers,
                0,
                0,
                0,
                0,
                0,
                Map.of(),
                Optional.of(PolicyPorts.FREE),
                List.of(),
                Topics.DEFAULT_PARTITIONS,
                (short) 1);
    }

    private static void port(String option, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException(option + ": " + port + " (expected: 0 to 65535)");
        }
    }
}
