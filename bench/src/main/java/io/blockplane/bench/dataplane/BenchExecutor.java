package io.blockplane.bench.dataplane;

import io.blockplane.executor.ExecutorConfig;
import io.blockplane.executor.ExecutorRole;
import io.blockplane.log.Kafka;

/** An executor in a JVM of its own: {@code <bootstrap servers> <executor id> events|no-events}. */
final class BenchExecutor {

    private BenchExecutor() {}

    public static void main(String[] args) throws Exception {
        ExecutorConfig config =
                ExecutorConfig.defaults(new Kafka(args[0]), args[1]).withPorts(0, 0);
        ExecutorRole role =
                args[2].equals("no-events")
                        ? ExecutorRole.withoutPredictEvents(config)
                        : new ExecutorRole(config);
        role.start();
        Runtime.getRuntime().addShutdownHook(new Thread(role::close, "close"));
        RawGrpc.serve("127.0.0.1:" + role.grpcPort());
    }
}
