package io.blockplane.cli;

import io.blockplane.cli.client.Endpoints;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;

/** {@code blockplane up} as a process of its own, on free ports. */
final class UpProcess implements AutoCloseable {

    static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private final Process process;
    private final Endpoints endpoints;

    private UpProcess(Process process, Endpoints endpoints) {
        this.process = process;
        this.endpoints = endpoints;
    }

    static UpProcess start(Path dataDir, String... more) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-Dblockplane.root=" + ROOT,
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "up",
                                "--data=" + dataDir,
                                "--kafka-port=0",
                                "--rest-port=0",
                                "--grpc-port=0",
                                "--metrics-port=0",
                                "--redis-port=0",
                                "--aios-ports=FREE"));
        command.addAll(List.of(more));
        Process process =
                new ProcessBuilder(command)
                        // Not this JVM's: Maven talks to it over its standard output.
                        .redirectErrorStream(true)
                        .redirectOutput(
                                Redirect.appendTo(
                                        Path.of("target", "up-of-" + dataDir.getFileName() + ".log")
                                                .toFile()))
                        .start();
        try {
            Endpoints endpoints =
                    Awaitility.await()
                            .atMost(START_LIMIT)
                            .until(
                                    () -> {
                                        if (!process.isAlive()) {
                                            throw new IllegalStateException(
                                                    "up ended with " + process.exitValue());
                                        }
                                        return Endpoints.read(dataDir)
                                                .filter(e -> e.pid() == process.pid());
                                    },
                                    Optional::isPresent)
                            .orElseThrow();
            return new UpProcess(process, endpoints);
        } catch (RuntimeException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    Endpoints endpoints() {
        return endpoints;
    }

    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As Ctrl-C does; the exit code. */
    int interrupt() throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
