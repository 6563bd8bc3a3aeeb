package io.blockplane.bench.dataplane;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A process of the benchmark. Its CPU is what the operating system counts for it and its children.
 */
final class Child implements AutoCloseable {

    /** A process that does not serve by then has failed. */
    static final Duration START_LIMIT = Duration.ofSeconds(90);

    private static final int STOP_SECONDS = 15;
    private static final String READY = "READY ";

    private final Process process;

    private Child(Process process) {
        this.process = process;
    }

    /** A child and what it said after READY. */
    record Started(Child child, String ready) {}

    /** Runs a main class in a JVM with this one's class path; returns when it says READY. */
    static Started java(Path log, List<String> flags, Class<?> main, String... args)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("-Dlogback.configurationFile=io/blockplane/bench/dataplane/logback.xml");
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(READY)) {
                // Nothing must fill the pipe.
                Thread.ofPlatform().daemon().start(() -> drain(output));
                return new Started(new Child(process), line.substring(READY.length()));
            }
        }
        throw new IOException(main.getSimpleName() + " ended before it was ready, see " + log);
    }

    /** Runs a program that listens on a port; returns when the port answers. */
    static Child program(Path log, int port, List<String> command)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        Child child = new Child(process);
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (port > 0 && !answers(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                child.close();
                throw new IOException(command.getFirst() + " did not start, see " + log);
            }
            Thread.sleep(20);
        }
        return child;
    }

    /** Where a program is, or nothing when the machine has none. */
    static Optional<String> find(String program) {
        String path = System.getenv("PATH");
        return Stream.concat(
                        Stream.of((path == null ? "" : path).split(":")),
                        Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(file -> file.toFile().canExecute())
                .map(Path::toString)
                .findFirst();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Of it and its children, since they began. */
    Duration cpu() {
        return cpu(process.toHandle());
    }

    static Duration cpu(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants())
                .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** The end of its input or SIGTERM; killed when that does not help. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        if (!ended()) {
            process.destroyForcibly().onExit().join();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private boolean ended() {
        try {
            return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void drain(BufferedReader output) {
        try {
            while (output.readLine() != null) {
                // Said to nobody.
            }
        } catch (IOException e) {
            // The process is gone.
        }
    }

    private static boolean answers(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Closes what was started, last first, however the others fare. */
    static void closeAll(List<? extends AutoCloseable> parts) throws IOException {
        @Nullable Exception first = null;
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw new IOException("a part did not close", first);
        }
    }
}
