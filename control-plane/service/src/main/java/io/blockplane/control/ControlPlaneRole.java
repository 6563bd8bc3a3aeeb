package io.blockplane.control;

import io.blockplane.control.command.CallGateway;
import io.blockplane.control.command.CommandGateway;
import io.blockplane.control.command.CommandProcessor;
import io.blockplane.control.command.Leadership;
import io.blockplane.control.driver.DesiredInstance;
import io.blockplane.control.driver.InstanceDriver;
import io.blockplane.control.driver.ProcessDriver;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.control.rest.ManagementApi;
import io.blockplane.control.rest.RestServer;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.control.view.LastWindows;
import io.blockplane.control.view.PolicyAnswers;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Envelope;
import io.blockplane.log.LogWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control plane: it decides commands, serves the management API and runs the instances.
 *
 * <p>There may be two on one log: the one that started last decides, and the other stops by itself
 * within seconds and ends its instances. One that fails otherwise leaves them running until it is
 * closed. Either way it changes nothing any more, and says so in {@link #failure}, in the log and
 * at {@code GET /health}.
 */
public final class ControlPlaneRole implements AutoCloseable {

    private static final Duration WATCH_EVERY = Duration.ofMillis(200);
    private static final Logger LOG = LoggerFactory.getLogger(ControlPlaneRole.class);

    private final ControlPlaneConfig config;
    private final Clock clock = Clock.systemUTC();
    private final LogWriter writer;
    private final CommandProcessor processor;
    private final BlockDirectory directory;
    private final PolicyAnswers answers;
    private final LastWindows windows;
    private final PolicyRegistry registry;
    private final Optional<InstanceDriver> driver;
    private final RestServer rest;
    private final CompletableFuture<String> failure = new CompletableFuture<>();
    private @Nullable Thread watch;
    private volatile boolean closing;

    public ControlPlaneRole(ControlPlaneConfig config) {
        this.config = config;
        this.writer = new LogWriter(config.kafka(), "control-plane-" + config.id());
        this.processor = new CommandProcessor(config.kafka(), config.id());
        this.directory = new BlockDirectory(config.kafka(), "directory-" + config.id());
        this.answers = new PolicyAnswers(config.kafka(), "answers-" + config.id());
        this.windows = new LastWindows(config.kafka(), "windows-" + config.id());
        this.registry =
                new PolicyRegistry(
                        config.kafka(), processor, config.id(), clock, ControlPlaneRole::newId);
        this.driver =
                switch (config.driver()) {
                    case ControlPlaneConfig.Driver.Processes(ProcessDriver.Config processes) ->
                            Optional.of(new ProcessDriver(processes, this::restUrl));
                    case ControlPlaneConfig.Driver.None _ -> Optional.empty();
                };
        this.rest =
                new ManagementApi(
                                directory,
                                windows,
                                new CommandGateway(writer, directory, clock, config.answerLimit()),
                                new CallGateway(writer, answers, clock, config.answerLimit()),
                                registry,
                                config.checkLimit(),
                                components(config.driver()),
                                config.builtInPolicies(),
                                ControlPlaneRole::newId,
                                () -> Optional.ofNullable(failure.getNow(null)))
                        .server(
                                config.restHost(),
                                config.restPort(),
                                config.policyPorts(),
                                uploads());
    }

    /**
     * Takes over, folds the log, and serves. Returns when it does.
     *
     * @throws IOException when it can't listen, or can't use its folder
     * @throws IllegalStateException when the log can't be read or led
     */
    public void start() throws IOException, InterruptedException {
        Files.createDirectories(uploads());
        processor.start();
        processor.awaitLeading();
        directory.start();
        registry.start();
        answers.start();
        windows.start();
        watch = Thread.ofVirtual().name("control-plane-watch").start(this::watch);
        rest.start();
        // Last: instances ask the management API for their block when they start.
        driver.ifPresent(this::startDriver);
        LOG.atInfo()
                .addKeyValue("controlPlaneId", config.id())
                .addKeyValue("restPort", rest.port())
                .log("control plane serves");
    }

    /** The port of the management API. */
    public int restPort() {
        return rest.port();
    }

    /** The ports that it listens on, by what is there. */
    public Map<String, Integer> ports() {
        return rest.ports();
    }

    /** The base URL of the management API. */
    public String restUrl() {
        return "http://" + config.restHost() + ":" + rest.port();
    }

    /** All blocks, a moment behind the log. */
    public BlockDirectory directory() {
        return directory;
    }

    /** Completes with the reason when this control plane stops by itself; never by a close. */
    public CompletableFuture<String> failure() {
        return failure.copy();
    }

    @Override
    public void close() {
        closing = true;
        rest.close();
        driver.ifPresent(InstanceDriver::close);
        windows.close();
        answers.close();
        registry.close();
        directory.close();
        processor.close();
        writer.close();
        Thread watching = watch;
        if (watching != null) {
            watching.interrupt();
        }
    }

    private static Set<String> components(ControlPlaneConfig.Driver driver) {
        return switch (driver) {
            case ControlPlaneConfig.Driver.Processes(ProcessDriver.Config processes) ->
                    processes.componentUris();
            case ControlPlaneConfig.Driver.None(Set<String> components) -> components;
        };
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }

    private Path uploads() {
        return config.dataDir().resolve("uploads");
    }

    private void startDriver(InstanceDriver running) {
        directory.onChange(running::desiredChanged);
        running.start(this::desired, this::report);
    }

    private List<DesiredInstance> desired() {
        return directory.blocks().stream().flatMap(b -> DesiredInstance.of(b).stream()).toList();
    }

    /** The id follows from what is reported: the same observation twice is the same command. */
    private CompletableFuture<?> report(ReportInstance report) {
        String id =
                "rep-%s-%s-%d-%s"
                        .formatted(
                                report.blockId(),
                                report.instanceId(),
                                report.generation(),
                                report.observation().name().toLowerCase(Locale.ROOT));
        return writer.append(
                new Envelope<>(id, "/driver/" + config.id(), clock.millis(), null, null, report));
    }

    private void watch() {
        try {
            while (!closing) {
                switch (processor.leadership()) {
                    case Leadership.Fenced(String reason) -> {
                        stopped("fenced: " + reason);
                        // The newer one runs the instances from here on.
                        driver.ifPresent(InstanceDriver::close);
                        return;
                    }
                    case Leadership.Failed(String reason) -> {
                        stopped("failed: " + reason);
                        return;
                    }
                    case Leadership.Starting _, Leadership.Leading _, Leadership.Closed _ -> {
                        RuntimeException blind = viewFailure();
                        if (blind != null) {
                            stopped("its view of the log ends: " + blind.getMessage());
                            processor.close();
                            return;
                        }
                    }
                }
                Thread.sleep(WATCH_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable RuntimeException viewFailure() {
        RuntimeException blind = directory.failure();
        if (blind == null) {
            blind = registry.failure();
        }
        if (blind == null) {
            blind = answers.failure();
        }
        return blind != null ? blind : windows.failure();
    }

    private void stopped(String reason) {
        LOG.atError()
                .addKeyValue("controlPlaneId", config.id())
                .addKeyValue("reason", reason)
                .log("control plane stopped by itself");
        failure.complete(reason);
    }
}
