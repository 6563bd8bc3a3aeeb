package io.blockplane.executor;

import io.blockplane.executor.core.Protection;
import io.blockplane.executor.core.routing.BlockRouter;
import io.blockplane.executor.delivery.DeliveryLimits;
import io.blockplane.log.Kafka;
import io.blockplane.policy.HttpAccess;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How one executor runs. Constants of the classes are the limits that nobody needs to set.
 *
 * @param executorId names this executor in the log; a second process with the same id takes over
 *     from the first, and fences it
 * @param bindAddress where gRPC and metrics listen
 * @param grpcPort 0 takes a free one
 * @param metricsPort of the Prometheus endpoint; 0 takes a free one
 * @param redisPort of what AIOSv1 knows as the executor's Redis; 0 takes a free one
 * @param probeInterval between two rounds of health probes, unless a block's stabilityChecker
 *     policy has {@code health_check_interval} (seconds) in its settings
 * @param probeTimeout after which an instance that doesn't answer a probe is unhealthy, unless
 *     {@code health_check_timeout} (seconds) is there
 * @param attemptLimit an instance's time for one task; beyond it the task has expired
 * @param inferPerInstance infer tasks that an instance has in its hands at once; the others wait
 *     here, where an instance that comes later can have them
 * @param closeLimit how long a close waits for tasks that instances have
 * @param delivery how long the destination of a result is tried
 * @param http where balancer policies may send requests
 */
public record ExecutorConfig(
        Kafka kafka,
        String executorId,
        String bindAddress,
        int grpcPort,
        int metricsPort,
        int redisPort,
        Duration probeInterval,
        Duration probeTimeout,
        Duration attemptLimit,
        int inferPerInstance,
        Duration closeLimit,
        DeliveryLimits delivery,
        HttpAccess http) {

    public static final int DEFAULT_GRPC_PORT = 50_051;
    public static final int DEFAULT_METRICS_PORT = 18_000;

    public static final int DEFAULT_REDIS_PORT = 6379;

    /** Of outstanding tasks per instance, of either kind, where a block does not say otherwise. */
    public static final int MAX_INFER_PER_INSTANCE = Protection.DEFAULT.maxOutstanding();

    private static final int MAX_PORT = 65_535;
    private static final Pattern ID = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    public ExecutorConfig {
        if (!ID.matcher(executorId).matches()) {
            throw new IllegalArgumentException(
                    "executorId: "
                            + executorId
                            + " (expected: 1 to 63 of a-z, 0-9 and '-', no '-' at the ends)");
        }
        requireBetween("grpcPort", grpcPort, 0, MAX_PORT);
        requireBetween("metricsPort", metricsPort, 0, MAX_PORT);
        requireBetween("redisPort", redisPort, 0, MAX_PORT);
        requirePositive("probeInterval", probeInterval);
        requirePositive("probeTimeout", probeTimeout);
        requirePositive("attemptLimit", attemptLimit);
        requireBetween("inferPerInstance", inferPerInstance, 1, MAX_INFER_PER_INSTANCE);
        requirePositive("closeLimit", closeLimit);
    }

    /** The usual settings on 127.0.0.1. */
    public static ExecutorConfig defaults(Kafka kafka, String executorId) {
        return new ExecutorConfig(
                kafka,
                executorId,
                "127.0.0.1",
                DEFAULT_GRPC_PORT,
                DEFAULT_METRICS_PORT,
                DEFAULT_REDIS_PORT,
                Duration.ofSeconds(10),
                Duration.ofSeconds(5),
                Duration.ofMinutes(5),
                BlockRouter.DEFAULT_INFER_PER_INSTANCE,
                Duration.ofSeconds(10),
                DeliveryLimits.DEFAULT,
                HttpAccess.NONE);
    }

    /** As this, with other ports; the one of RESP is a free one when that of gRPC is. */
    public ExecutorConfig withPorts(int grpcPort, int metricsPort) {
        return withPorts(grpcPort, metricsPort, grpcPort == 0 ? 0 : redisPort);
    }

    /** As this, with other ports. */
    public ExecutorConfig withPorts(int grpcPort, int metricsPort, int redisPort) {
        return with(grpcPort, metricsPort, redisPort, delivery, http);
    }

    /** As this, with other limits of delivery. */
    public ExecutorConfig withDelivery(DeliveryLimits limits) {
        return with(grpcPort, metricsPort, redisPort, limits, http);
    }

    /** As this, with other hosts that balancer policies may send requests to. */
    public ExecutorConfig withHttp(HttpAccess access) {
        return with(grpcPort, metricsPort, redisPort, delivery, access);
    }

    private ExecutorConfig with(
            int grpcPort,
            int metricsPort,
            int redisPort,
            DeliveryLimits delivery,
            HttpAccess http) {
        return new ExecutorConfig(
                kafka,
                executorId,
                bindAddress,
                grpcPort,
                metricsPort,
                redisPort,
                probeInterval,
                probeTimeout,
                attemptLimit,
                inferPerInstance,
                closeLimit,
                delivery,
                http);
    }

    private static void requireBetween(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: %d to %d)".formatted(field, value, least, most));
        }
    }

    private static void requirePositive(String field, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: more than 0)");
        }
    }
}
