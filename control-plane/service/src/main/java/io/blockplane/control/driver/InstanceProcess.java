package io.blockplane.control.driver;

import io.blockplane.events.InstanceAddress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of an instance as a child process. Its standard input stays open as long as this process
 * lives, by which it knows when to end. Thread safe.
 */
final class InstanceProcess implements InstanceRun {

    /** After being asked to end, it is killed when it has not ended by then. */
    static final Duration STOP_LIMIT = Duration.ofSeconds(15);

    private static final Duration HEALTH_EVERY = Duration.ofMillis(100);
    private static final int CHUNK_BYTES = 8 * 1024;
    private static final Logger LOG = LoggerFactory.getLogger(InstanceProcess.class);

    private final int generation;
    private final long startedNanos = System.nanoTime();
    private final Runnable changed;
    private final HealthCheck health;
    private final AtomicReference<@Nullable String> stopReason = new AtomicReference<>();
    private final @Nullable Process process;
    private volatile Run run;
    private volatile long servingSinceNanos;

    private InstanceProcess(
            int generation,
            @Nullable Process process,
            Run run,
            HealthCheck health,
            Runnable changed) {
        this.generation = generation;
        this.process = process;
        this.run = run;
        this.health = health;
        this.changed = changed;
    }

    /**
     * Starts the process. One that can't be started is a run that has exited.
     *
     * @param environment beside this process's own
     * @param expected where it will serve when it does not say it in a line that it prints: as soon
     *     as it answers there; null when it does
     * @param logs folder for what instances print
     * @param name of the instance in it
     * @param changed called when its run stands otherwise than before, on any thread
     */
    static InstanceProcess start(
            int generation,
            List<String> command,
            Map<String, String> environment,
            @Nullable InstanceAddress expected,
            Path logs,
            String name,
            HealthCheck health,
            Runnable changed) {
        Process process;
        try {
            InstanceLog.prune(logs);
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            return neverStarted(generation, "can't start: " + e.getMessage(), health);
        }
        InstanceProcess started =
                new InstanceProcess(generation, process, new Run.Starting(), health, changed);
        // Not a virtual thread: a read of a pipe holds its carrier for good.
        Thread.ofPlatform()
                .daemon()
                .name("output-" + name)
                .start(() -> started.follow(process, logs.resolve(name + ".log")));
        if (expected != null) {
            started.watch(expected, () -> health.answers(expected.healthUrl()));
        }
        return started;
    }

    /** A run that has exited before it was one. */
    static InstanceProcess neverStarted(int generation, String why, HealthCheck health) {
        return new InstanceProcess(generation, null, new Run.Exited(null, why), health, () -> {});
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public Run run() {
        return run;
    }

    @Override
    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    @Override
    public Duration served() {
        long since = servingSinceNanos;
        return since == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Null when it could not be started. */
    @Override
    public @Nullable Long pid() {
        return process == null ? null : process.pid();
    }

    /**
     * Asks it to end, and kills it when it does not. Returns at once.
     *
     * @return whether this was the first time
     */
    @Override
    public boolean stop(String reason) {
        if (process == null || !stopReason.compareAndSet(null, reason)) {
            return false;
        }
        process.destroy();
        Thread.ofVirtual().name("stop-" + process.pid()).start(() -> killWhenLate(process));
        return true;
    }

    @Override
    public void awaitExit() {
        if (process != null) {
            process.onExit().join();
        }
    }

    private static void killWhenLate(Process process) {
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                LOG.atWarn()
                        .addKeyValue("pid", process.pid())
                        .addKeyValue("limit", STOP_LIMIT)
                        .log("instance killed: it did not end in time");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
    }

    /** Reads what it prints to the end, then takes note of its exit. */
    private void follow(Process started, Path logFile) {
        try (InputStream output = started.getInputStream();
                InstanceLog log = new InstanceLog(logFile)) {
            log.line(
                    "--- generation %d, pid %d, %s"
                            .formatted(generation, started.pid(), Instant.now()));
            copy(output, log);
        } catch (IOException e) {
            var _ = stopReason.compareAndSet(null, "its output can't be kept: " + e.getMessage());
            started.destroyForcibly();
        }
        try {
            int exitCode = started.waitFor();
            String reason = stopReason.get();
            become(
                    new Run.Exited(
                            exitCode,
                            "exit code " + exitCode + (reason == null ? "" : ", " + reason)));
        } catch (InterruptedException e) {
            started.destroyForcibly();
            become(new Run.Exited(null, "interrupted"));
        }
    }

    private void copy(InputStream output, InstanceLog log) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        ReadyLine ready = new ReadyLine();
        boolean announced = false;
        for (int read = output.read(chunk); read >= 0; read = output.read(chunk)) {
            log.write(chunk, read);
            Optional<InstanceAddress> found = ready.find(chunk, read);
            if (found.isPresent() && !announced) {
                announced = true;
                InstanceAddress address = found.get();
                watch(address, () -> health.healthy(address.healthUrl()));
            }
        }
    }

    /** Whether it serves. */
    @FunctionalInterface
    private interface Check {
        boolean serves() throws InterruptedException;
    }

    private void watch(InstanceAddress address, Check check) {
        Thread.ofVirtual()
                .name("health-" + address.healthUrl())
                .start(() -> awaitServing(address, check));
    }

    private void awaitServing(InstanceAddress address, Check check) {
        try {
            while (run instanceof Run.Starting) {
                if (check.serves()) {
                    servingSinceNanos = System.nanoTime();
                    become(new Run.Serving(address));
                    return;
                }
                Thread.sleep(HEALTH_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An exit is for ever, whoever says what at the same moment. */
    private synchronized void become(Run next) {
        if (!(run instanceof Run.Exited)) {
            run = next;
            changed.run();
        }
    }
}
