package io.blockplane.cli.system;

import io.blockplane.runner.RunnerMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy runner in a JVM of its own, with this JVM's class path: what a policy does to its
 * process does not touch the data plane. Started again when it is worn out or ends by itself; given
 * up when it keeps ending.
 */
final class RunnerProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerProcess.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

    /** Ends by itself within {@link #ENDS_WITHIN} after which it is given up. */
    private static final int ENDS = 4;

    private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

    private final List<String> command;
    private final Path log;
    private final Thread keeper;
    private final Deque<Long> ends = new ArrayDeque<>();
    private volatile Process process;
    private volatile String runtime = "";
    private volatile boolean closing;
    private volatile @Nullable String failure;

    private RunnerProcess(List<String> command, Path log, Process process) {
        this.command = command;
        this.log = log;
        this.process = process;
        this.keeper = Thread.ofVirtual().name("runner-keeper").unstarted(this::keep);
    }

    /**
     * Starts it and waits until it leads.
     *
     * @param log gets what it prints
     */
    static RunnerProcess start(String servers, String id, List<String> allowedHosts, Path log)
            throws IOException, InterruptedException {
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "-XX:+UseSerialGC",
                        // It decides once a second, not thousands of times: a quick start is worth
                        // more than the last bit of speed.
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunnerMain.class.getName(),
                        servers,
                        id,
                        String.join(",", allowedHosts));
        Process first = launch(command, log);
        RunnerProcess runner = new RunnerProcess(command, log, first);
        try {
            runner.awaitReady(first);
        } catch (IOException | InterruptedException e) {
            first.destroyForcibly();
            throw e;
        }
        runner.keeper.start();
        return runner;
    }

    long pid() {
        return process.pid();
    }

    /** What runs the policies: implementation, version and mode. */
    String runtime() {
        return runtime;
    }

    /** Why nothing decides any more; empty while something does, or is about to. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void close() {
        closing = true;
        keeper.interrupt();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void keep() {
        try {
            while (!closing) {
                int status = process.waitFor();
                if (closing) {
                    return;
                }
                LOG.atWarn()
                        .addKeyValue("status", status)
                        .addKeyValue("wornOut", status == RunnerMain.RECYCLE)
                        .addKeyValue("log", log)
                        .log("policy runner ended: starting another one");
                if (keepsEnding()) {
                    failure =
                            "it ended %d times within %s, last with status %d; see %s"
                                    .formatted(ENDS, ENDS_WITHIN, status, log);
                    return;
                }
                process = launch(command, log);
                awaitReady(process);
            }
        } catch (IOException e) {
            failure = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean keepsEnding() {
        long now = System.nanoTime();
        ends.addLast(now);
        while (now - ends.getFirst() > ENDS_WITHIN.toNanos()) {
            ends.removeFirst();
        }
        return ends.size() >= ENDS;
    }

    private static Process launch(List<String> command, Path log) throws IOException {
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void awaitReady(Process started) throws IOException, InterruptedException {
        try {
            String ready =
                    CompletableFuture.supplyAsync(
                                    () -> readyLine(started.inputReader(StandardCharsets.UTF_8)),
                                    task -> Thread.ofVirtual().name("runner-output").start(task))
                            .get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            runtime = ready;
            LOG.atInfo()
                    .addKeyValue("pid", started.pid())
                    .addKeyValue("runtime", ready)
                    .log("policy runner leads");
        } catch (ExecutionException | TimeoutException e) {
            started.destroyForcibly();
            throw new IOException("the policy runner did not start, see " + log, e);
        }
    }

    private static String readyLine(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("READY ")) {
                    Thread.ofVirtual().name("runner-rest").start(() -> drain(output));
                    return line.substring("READY ".length());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the policy runner's output broke", e);
        }
        throw new IllegalStateException("the policy runner ended before it led");
    }

    /** A full pipe would stop it. */
    private static void drain(BufferedReader output) {
        try {
            while (output.readLine() != null) {
                // Its log goes to the file.
            }
        } catch (IOException e) {
            // It ended.
        }
    }
}
