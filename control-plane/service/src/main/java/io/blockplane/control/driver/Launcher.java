package io.blockplane.control.driver;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.component.OpenAiServers;
import io.blockplane.events.InstanceAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Begins runs of instances, each as its component needs it. Thread safe. */
final class Launcher implements AutoCloseable {

    /** Of an instance's settings: a system has no more room in one argument of a process. */
    static final int SETTINGS_BYTES = 100 * 1024;

    /** In {@code initSettings}, but the executor's and not the instance's. */
    private static final Set<String> EXECUTORS_SETTINGS = Set.of("storePredictions");

    private final ProcessDriver.Config config;
    private final Supplier<String> blocksUrl;
    private final Runnable changed;
    private final HealthCheck health = new HealthCheck();

    /**
     * Begins nothing yet.
     *
     * @param blocksUrl where instances find their blocks; asked when one starts
     * @param changed called when a run stands otherwise than before, on any thread
     */
    Launcher(ProcessDriver.Config config, Supplier<String> blocksUrl, Runnable changed) {
        this.config = config;
        this.blocksUrl = blocksUrl;
        this.changed = changed;
    }

    /** Whether instances of this component go on without whoever began them. */
    static boolean outlivesDriver(DesiredInstance wanted) {
        return wanted.componentUri().equals(OpenAiServers.COMPONENT);
    }

    /**
     * Begins a run. One that can't be begun is a run that has exited.
     *
     * @param taken targets of the block's other instances
     */
    InstanceRun start(DesiredInstance wanted, Collection<String> taken) {
        if (wanted.componentUri().equals(OpenAiServers.COMPONENT)) {
            return switch (OpenAiServers.read(wanted.initSettings())) {
                case OpenAiServers.Read.Servers(OpenAiServers servers) ->
                        RemoteInstance.start(
                                wanted.generation(), servers.next(taken), health, changed);
                case OpenAiServers.Read.Refused refused -> neverStarted(wanted, refused.message());
            };
        }
        String mainClass = config.mainClasses().get(wanted.componentUri());
        if (mainClass != null) {
            return comesAlong(wanted, mainClass);
        }
        List<String> own = config.own().commands().get(wanted.componentUri());
        return own == null
                ? neverStarted(
                        wanted,
                        "componentUri: %s (expected: one of %s)"
                                .formatted(wanted.componentUri(), config.componentUris()))
                : operatorsOwn(wanted, own);
    }

    /** Takes on a run that the log has serving. */
    InstanceRun adopt(DesiredInstance wanted, InstanceAddress address) {
        return RemoteInstance.adopt(wanted.generation(), address, changed);
    }

    @Override
    public void close() {
        health.close();
    }

    private InstanceRun comesAlong(DesiredInstance wanted, String mainClass) {
        String settings = settings(wanted);
        int bytes = settings.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > SETTINGS_BYTES) {
            return neverStarted(
                    wanted,
                    "initSettings: %d bytes (expected: at most %d)"
                            .formatted(bytes, SETTINGS_BYTES));
        }
        return InstanceProcess.start(
                wanted.generation(),
                command(mainClass, wanted, settings),
                // Not an argument: process lists show the first 4 KB of these, which it would
                // fill.
                Map.of("CLASSPATH", System.getProperty("java.class.path")),
                null,
                config.logs(),
                name(wanted),
                health,
                changed);
    }

    private InstanceRun operatorsOwn(DesiredInstance wanted, List<String> command) {
        int port = OwnCommands.freePort();
        return InstanceProcess.start(
                wanted.generation(),
                command,
                config.own().environment(wanted, blocksUrl.get(), port),
                new InstanceAddress(
                        "redis", config.own().redis(), "http://127.0.0.1:" + port + "/health"),
                config.logs(),
                name(wanted),
                health,
                changed);
    }

    private InstanceRun neverStarted(DesiredInstance wanted, String why) {
        return InstanceProcess.neverStarted(wanted.generation(), why, health);
    }

    private static String name(DesiredInstance wanted) {
        return wanted.blockId() + "-" + wanted.instanceId();
    }

    private static String settings(DesiredInstance wanted) {
        ObjectNode settings = wanted.initSettings().object();
        settings.remove(EXECUTORS_SETTINGS);
        return settings.toString();
    }

    private List<String> command(String mainClass, DesiredInstance wanted, String settings) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.addAll(config.jvmOptions());
        command.add(mainClass);
        command.addAll(List.of("--block", wanted.blockId(), "--instance", wanted.instanceId()));
        command.addAll(List.of("--grpc-port", "0", "--health-port", "0"));
        command.addAll(List.of("--settings", settings));
        return command;
    }
}
