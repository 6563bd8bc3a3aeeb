package io.blockplane.cli;

import io.blockplane.cli.client.Endpoints;
import io.blockplane.cli.system.BlockplaneSystem;
import io.blockplane.cli.system.Logs;
import io.blockplane.cli.system.SystemConfig;
import io.blockplane.control.driver.OwnCommands;
import io.blockplane.control.rest.PolicyPorts;
import io.blockplane.log.Topics;
import io.blockplane.policy.ExitLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code up}: the system, until Ctrl-C. */
@Command(
        name = "up",
        description = "Runs the whole system on this machine until Ctrl-C; its data survives.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final int CHECK_MS = 500;

    /** When all is stopped but a balancer policy that can't be. */
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Default: .blockplane beside the launcher.")
    private @Nullable Path data;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "Use this Kafka cluster instead of a broker of our own.")
    private @Nullable String bootstrapServers;

    @Option(names = "--kafka-port", description = "Default: ${DEFAULT-VALUE}; 0: a free one.")
    private int kafkaPort = 9092;

    @Option(names = "--rest-port", description = "Default: ${DEFAULT-VALUE}; 0: a free one.")
    private int restPort = 8080;

    @Option(names = "--grpc-port", description = "Default: ${DEFAULT-VALUE}; 0: a free one.")
    private int grpcPort = 50051;

    @Option(names = "--metrics-port", description = "Default: ${DEFAULT-VALUE}; 0: a free one.")
    private int metricsPort = 18000;

    @Option(
            names = "--redis-port",
            description =
                    "What AIOSv1 knows as the executor's Redis; default: ${DEFAULT-VALUE}, or a"
                            + " free one when that is taken; 0: a free one.")
    private int redisPort = 6379;

    @Option(
            names = "--component",
            paramLabel = "<name>=<command>",
            description =
                    "A program that instances can run, built with the AIOSv1 Instance SDK; blocks"
                            + " name it as process:<name>. Words are parted by spaces. May be given"
                            + " several times.")
    private Map<String, String> components = Map.of();

    /** Which of the ports that AIOSv1 has for the management of policies are opened. */
    enum AiosPorts {
        STANDARD,
        FREE,
        OFF
    }

    @Option(
            names = "--aios-ports",
            description =
                    "Management of policies where AIOSv1 has it: STANDARD (18001 balancer, 10000"
                        + " autoscaler, 19001 health checker, 5000 failure policies, 3001 blocks;"
                        + " one that is taken is left out), FREE or OFF. Default:"
                        + " ${DEFAULT-VALUE}.")
    private AiosPorts aiosPorts = AiosPorts.STANDARD;

    @Option(
            names = "--allow-http",
            split = ",",
            paramLabel = "<host[:port][!]>",
            description =
                    "Hosts that policies may send HTTP requests to; with ! at the end also when its"
                            + " address is private. Default: none but this system's own failure"
                            + " policies.")
    private List<String> allowedHosts = List.of();

    @Option(
            names = "--partitions",
            description = "Of every topic of a new log; default: ${DEFAULT-VALUE}.")
    private int partitions = Topics.DEFAULT_PARTITIONS;

    @Option(
            names = "--replication",
            description = "Of every topic of a new log; default: ${DEFAULT-VALUE}.")
    private short replication = 1;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Connection.dataDir(data);
        Files.createDirectories(folder.resolve("logs"));
        Logs.toFile(folder.resolve("logs").resolve("blockplane.log"));
        SystemConfig config =
                new SystemConfig(
                        folder,
                        bootstrapServers,
                        kafkaPort,
                        restPort,
                        grpcPort,
                        metricsPort,
                        redisPort,
                        commands(components),
                        policyPorts(aiosPorts),
                        allowedHosts,
                        partitions,
                        replication);
        BlockplaneSystem system = BlockplaneSystem.start(config, System.out::println);
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    System.out.println("stopping ...");
                                    system.close();
                                    System.out.println("stopped");
                                    ExitLimit.begin(EXIT_LIMIT);
                                    stopped.countDown();
                                },
                                "up-shutdown"));
        announce(system.endpoints(), folder);
        while (!stopped.await(CHECK_MS, TimeUnit.MILLISECONDS)) {
            Optional<String> failure = system.failure();
            if (failure.isPresent()) {
                System.err.println("blockplane: " + failure.get() + " (logs: " + folder + "/logs)");
                return 1;
            }
        }
        return 0;
    }

    private static Map<String, List<String>> commands(Map<String, String> components) {
        Map<String, List<String>> commands = new TreeMap<>();
        components.forEach((name, line) ->
                commands.put(OwnCommands.PREFIX + name, List.of(line.strip().split(" +", -1))));
        return commands;
    }

    private static Optional<PolicyPorts> policyPorts(AiosPorts which) {
        return switch (which) {
            case STANDARD -> Optional.of(PolicyPorts.STANDARD);
            case FREE -> Optional.of(PolicyPorts.FREE);
            case OFF -> Optional.empty();
        };
    }

    private static void announce(Endpoints endpoints, Path folder) {
        System.out.printf(
                """
                Blockplane is up (pid %d); Ctrl-C stops it, the data stays in %s
                  Kafka      %s
                  inference  %s   (gRPC: InferenceProxy/infer, Prediction/Predict)
                  REST       %s
                  Redis      %s   (RESP: EXECUTOR_INPUTS, OUTPUT, NODE_METRICS)
                  metrics    %s
                %n\
                """,
                endpoints.pid(),
                folder,
                endpoints.bootstrapServers(),
                endpoints.grpc(),
                endpoints.rest(),
                endpoints.redis(),
                endpoints.metrics());
        System.out.flush();
    }
}
