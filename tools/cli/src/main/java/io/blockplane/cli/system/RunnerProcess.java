package io.blockplane.cli.system;

import io.blockplane.runner.RunnerMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
 * process does not touch the data plane. One that is worn out goes on until another one leads; one
 * that ended is started again, and given up when it keeps ending.
 */
final class RunnerProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RunnerProcess.class);

    /** What a JVM that can compile policies is started with. */
    private static final List<String> COMPILER =
            List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableJVMCI",
                    "--upgrade-module-path=");

    /**
     * A quick start is worth more than the last bit of speed: Java is compiled well only where it
     * runs a hundred times as often as usual, and soon only what hands metrics over and hashes
     * them, since SHA-256 is quick in the best code alone.
     */
    private static final List<String> PATIENT_JAVA =
            List.of(
                    "-XX:Tier4InvocationThreshold=500000",
                    "-XX:Tier4MinInvocationThreshold=60000",
                    "-XX:Tier4CompileThreshold=1500000",
                    "-XX:Tier4BackEdgeThreshold=4000000",
                    "-XX:CompileCommand=quiet",
                    sooner("sun.security.provider.*"),
                    sooner("java.nio.*"),
                    sooner("io.blockplane.events.document.*"),
                    sooner("io.blockplane.windows.*"),
                    sooner("io.blockplane.policy.Guest*"));

    /** Without a compiler of policies the interpreter is what takes the time. */
    private static final List<String> QUICK_JAVA = List.of("-XX:TieredStopAtLevel=1");

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** Ends by itself within {@link #ENDS_WITHIN} after which it is given up. */
    private static final int ENDS = 4;

    private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);

    private final List<String> command;
    private final Path log;
    private final Thread keeper;
    private final Deque<Long> ends = new ArrayDeque<>();
    private volatile Run run;
    private volatile boolean closing;
    private volatile @Nullable String failure;

    /**
     * One process.
     *
     * @param ready completes with what it runs policies with when it leads
     * @param worn completes when it asks for another one
     */
    private record Run(
            Process process, CompletableFuture<String> ready, CompletableFuture<Void> worn) {}

    private RunnerProcess(List<String> command, Path log, Run run) {
        this.command = command;
        this.log = log;
        this.run = run;
        this.keeper = Thread.ofVirtual().name("runner-keeper").unstarted(this::keep);
    }

    /**
     * Starts it and waits until it leads.
     *
     * @param log gets what it prints
     */
    static RunnerProcess start(String servers, String id, List<String> allowedHosts, Path log)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags(ManagementFactory.getRuntimeMXBean().getInputArguments()));
        command.addAll(
                List.of(
                        "-cp",
                        System.getProperty("java.class.path"),
                        RunnerMain.class.getName(),
                        servers,
                        id,
                        String.join(",", allowedHosts)));
        RunnerProcess runner = new RunnerProcess(command, log, launch(command, log));
        runner.keeper.start();
        return runner;
    }

    /** Of its JVM, which has the compiler of policies if this one has it. */
    static List<String> flags(List<String> own) {
        List<String> flags =
                new ArrayList<>(
                        List.of(
                                "-Xmx1g",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow"));
        List<String> compiler =
                own.stream().filter(flag -> COMPILER.stream().anyMatch(flag::startsWith)).toList();
        flags.addAll(compiler.size() == COMPILER.size() ? compiler : List.of());
        flags.addAll(compiler.size() == COMPILER.size() ? PATIENT_JAVA : QUICK_JAVA);
        return List.copyOf(flags);
    }

    /** A tenth of all thresholds for these classes. */
    private static String sooner(String classes) {
        return "-XX:CompileCommand=CompileThresholdScaling," + classes + "::*,0.1";
    }

    long pid() {
        return run.process.pid();
    }

    /** What runs the policies: implementation, version and mode. */
    String runtime() {
        return run.ready.getNow("");
    }

    /** Why nothing decides any more; empty while something does, or is about to. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void close() {
        closing = true;
        keeper.interrupt();
        end(run.process);
    }

    private void keep() {
        try {
            while (!closing) {
                Run now = run;
                CompletableFuture.anyOf(now.process.onExit(), now.worn).join();
                if (closing) {
                    return;
                }
                boolean ended = !now.process.isAlive();
                LOG.atWarn()
                        .addKeyValue("pid", now.process.pid())
                        .addKeyValue("ended", ended)
                        .addKeyValue("log", log)
                        .log("policy runner ended or is worn out: starting another one");
                if (ended && keepsEnding()) {
                    failure =
                            "it ended %d times within %s; see %s".formatted(ENDS, ENDS_WITHIN, log);
                    return;
                }
                run = launch(command, log);
                end(now.process);
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

    /** Returns when it leads. */
    private static Run launch(List<String> command, Path log)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        Run run = new Run(process, new CompletableFuture<>(), new CompletableFuture<>());
        // Not a virtual thread: a read of a pipe holds its carrier for good.
        Thread.ofPlatform().daemon().name("runner-output").start(() -> listen(run));
        try {
            String runtime = run.ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            LOG.atInfo()
                    .addKeyValue("pid", process.pid())
                    .addKeyValue("runtime", runtime)
                    .log("policy runner leads");
            return run;
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("the policy runner did not start, see " + log, e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** To its end: a full pipe would stop it. */
    private static void listen(Run run) {
        try (BufferedReader output = run.process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(RunnerMain.READY)) {
                    run.ready.complete(line.substring(RunnerMain.READY.length()));
                } else if (line.startsWith(RunnerMain.DECIDED)) {
                    LOG.atInfo()
                            .addKeyValue("pid", run.process.pid())
                            .addKeyValue("cpuMs", line.substring(RunnerMain.DECIDED.length()))
                            .log("policy runner's first decision");
                } else if (line.equals(RunnerMain.WORN)) {
                    run.worn.complete(null);
                }
            }
        } catch (IOException e) {
            // It ended.
        }
        run.ready.completeExceptionally(
                new IllegalStateException("the policy runner ended before it led"));
    }

    private static void end(Process process) {
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
}
