package io.blockplane.cli.system;

import io.blockplane.broker.BrokerProcess;
import io.blockplane.cli.client.Endpoints;
import io.blockplane.control.ControlPlaneConfig;
import io.blockplane.control.ControlPlaneRole;
import io.blockplane.control.driver.OwnCommands;
import io.blockplane.executor.ExecutorConfig;
import io.blockplane.executor.ExecutorRole;
import io.blockplane.log.Kafka;
import io.blockplane.log.Topics;
import io.blockplane.policy.HttpAccess;
import io.blockplane.windows.topology.WindowsConfig;
import io.blockplane.windows.topology.WindowsRole;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole system on one machine: a broker process (unless a cluster is given) and all roles in
 * this JVM but the policy runner, which has one of its own. What starts last stops first.
 */
public final class BlockplaneSystem implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BlockplaneSystem.class);

    /** Names the roles of one machine in the log. */
    private static final String ID = "local";

    private final SystemConfig config;
    private final Consumer<String> progress;
    private final Deque<Part> running = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable Endpoints endpoints;

    /** Something that runs: how to stop it, and how to see that it stopped by itself. */
    private record Part(String name, AutoCloseable stop, Health health) {}

    /** Why it does not work any more; empty while it does. */
    @FunctionalInterface
    private interface Health {
        Optional<String> failure();
    }

    private BlockplaneSystem(SystemConfig config, Consumer<String> progress) {
        this.config = config;
        this.progress = progress;
    }

    /**
     * Starts everything and returns when all of it serves. What was started is stopped again when
     * something can't be.
     *
     * @param progress hears a line for each part that serves
     */
    public static BlockplaneSystem start(SystemConfig config, Consumer<String> progress)
            throws IOException, InterruptedException {
        BlockplaneSystem system = new BlockplaneSystem(config, progress);
        try {
            system.startAll();
            return system;
        } catch (IOException | InterruptedException | RuntimeException e) {
            system.close();
            throw e;
        }
    }

    public Endpoints endpoints() {
        Endpoints known = endpoints;
        if (known == null) {
            throw new IllegalStateException("the system has not started");
        }
        return known;
    }

    /** The first part that stopped by itself, and why; empty while all is well. */
    public Optional<String> failure() {
        return running.stream()
                .flatMap(part ->
                        part.health.failure().map(why -> part.name + " failed: " + why).stream())
                .findFirst();
    }

    /**
     * Stops all parts in reverse order; a part that fails to stop doesn't keep the others from it.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        while (!running.isEmpty()) {
            Part part = running.pop();
            try {
                part.stop.close();
            } catch (Exception e) {
                LOG.atError()
                        .addKeyValue("part", part.name)
                        .setCause(e)
                        .log("part did not stop well");
            }
        }
    }

    private void startAll() throws IOException, InterruptedException {
        DataFolder folder = DataFolder.take(config.dataDir());
        started("data folder", folder, Optional::empty);
        Kafka kafka = kafka(folder);
        windows(kafka, folder);
        int redisPort = redisPort();
        ControlPlaneRole control = controlPlane(kafka, folder, redisPort);
        ExecutorRole executor = executor(kafka, control, redisPort);
        runner(kafka, control, folder);
        endpoints =
                new Endpoints(
                        ProcessHandle.current().pid(),
                        kafka.bootstrapServers(),
                        control.restUrl(),
                        "127.0.0.1:" + executor.grpcPort(),
                        "127.0.0.1:" + executor.redisPort(),
                        "http://127.0.0.1:" + executor.metricsPort() + "/metrics");
        endpoints.write(config.dataDir());
        started("endpoints", () -> Endpoints.delete(config.dataDir()), Optional::empty);
    }

    private Kafka kafka(DataFolder folder) throws IOException {
        String servers = config.bootstrapServers();
        if (servers == null) {
            BrokerProcess broker =
                    BrokerProcess.start(
                            folder.kafka(),
                            config.kafkaPort(),
                            folder.logs().resolve("broker.log"));
            started(
                    "broker",
                    broker,
                    () ->
                            ProcessHandle.of(broker.pid()).isPresent()
                                    ? Optional.empty()
                                    : Optional.of("its process ended"));
            servers = broker.bootstrapServers();
            say("kafka          %s, pid %d".formatted(servers, broker.pid()));
        }
        Kafka kafka = new Kafka(servers);
        int partitions = Topics.ensure(kafka, config.partitions(), config.replication());
        say("topics         ready, %d partitions each".formatted(partitions));
        return kafka;
    }

    private void windows(Kafka kafka, DataFolder folder) {
        WindowsRole windows = new WindowsRole(new WindowsConfig(kafka, folder.streams(), ID));
        windows.start();
        started("windows", windows, () -> reason(windows.failure()));
    }

    /** Instances are told of it before the executor serves; so it is chosen here. */
    private int redisPort() throws IOException {
        int wanted = config.redisPort();
        try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (BindException e) {
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                say(
                        "redis port     %d is taken, %d instead"
                                .formatted(wanted, socket.getLocalPort()));
                return socket.getLocalPort();
            }
        }
    }

    private ControlPlaneRole controlPlane(Kafka kafka, DataFolder folder, int redisPort)
            throws IOException, InterruptedException {
        ControlPlaneRole control =
                new ControlPlaneRole(
                        ControlPlaneConfig.local(
                                kafka,
                                config.restPort(),
                                config.policyPorts(),
                                folder.controlPlane(),
                                new OwnCommands(config.components(), "127.0.0.1:" + redisPort)));
        started(
                "control plane",
                control,
                () -> Optional.ofNullable(control.failure().getNow(null)));
        control.start();
        say("control plane  " + control.restUrl());
        return control;
    }

    private void runner(Kafka kafka, ControlPlaneRole control, DataFolder folder)
            throws IOException, InterruptedException {
        RunnerProcess runner =
                RunnerProcess.start(
                        kafka.bootstrapServers(),
                        ID,
                        allowedHosts(control),
                        folder.logs().resolve("policy-runner.log"));
        started("policy runner", runner, runner::failure);
        say("policies       %s, pid %d".formatted(runner.runtime(), runner.pid()));
    }

    /** What was said, and our own failure policies, which do nothing but run policies. */
    private List<String> allowedHosts(ControlPlaneRole control) {
        List<String> hosts = new ArrayList<>(config.allowedHosts());
        Integer failures = control.ports().get("failure-policies");
        if (failures != null) {
            hosts.add("127.0.0.1:" + failures + "!");
            hosts.add("localhost:" + failures + "!");
        }
        return hosts;
    }

    private ExecutorRole executor(Kafka kafka, ControlPlaneRole control, int redisPort)
            throws IOException, InterruptedException {
        ExecutorRole executor =
                new ExecutorRole(
                        ExecutorConfig.defaults(kafka, ID)
                                .withPorts(config.grpcPort(), config.metricsPort(), redisPort)
                                .withHttp(new HttpAccess(allowedHosts(control))));
        started("executor", executor, () -> reason(executor.failure()));
        executor.start();
        say(
                "executor       gRPC on 127.0.0.1:%d, RESP on 127.0.0.1:%d"
                        .formatted(executor.grpcPort(), executor.redisPort()));
        return executor;
    }

    private void started(String name, AutoCloseable stop, Health health) {
        running.push(new Part(name, stop, health));
    }

    private void say(String line) {
        progress.accept(line);
    }

    private static Optional<String> reason(@Nullable Throwable failure) {
        return Optional.ofNullable(failure).map(Throwable::toString);
    }
}
