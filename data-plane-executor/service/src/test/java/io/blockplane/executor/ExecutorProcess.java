package io.blockplane.executor;

import io.blockplane.log.Kafka;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** An executor in a JVM of its own, to be killed. Ends with its standard input. */
final class ExecutorProcess implements AutoCloseable {

    private static final String READY = "READY ";

    final Process process;
    final int grpcPort;

    private ExecutorProcess(Process process, int grpcPort) {
        this.process = process;
        this.grpcPort = grpcPort;
    }

    public static void main(String[] args) throws Exception {
        ExecutorRole role =
                new ExecutorRole(
                        ExecutorConfig.defaults(new Kafka(args[0]), args[1]).withPorts(0, 0));
        role.start();
        System.out.println(READY + role.grpcPort());
        while (System.in.read() != -1) {
            // Only the end matters.
        }
        role.close();
    }

    static ExecutorProcess start(Kafka kafka, String executorId, Path log) throws IOException {
        Process process =
                new ProcessBuilder(
                                List.of(
                                        Path.of(System.getProperty("java.home"), "bin", "java")
                                                .toString(),
                                        "-Xmx256m",
                                        "-XX:+UseSerialGC",
                                        "-XX:TieredStopAtLevel=1",
                                        "--enable-native-access=ALL-UNNAMED",
                                        "--sun-misc-unsafe-memory-access=allow",
                                        "-cp",
                                        System.getProperty("java.class.path"),
                                        ExecutorProcess.class.getName(),
                                        kafka.bootstrapServers(),
                                        executorId))
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(READY)) {
                Thread.ofPlatform().daemon().start(() -> drain(output));
                return new ExecutorProcess(
                        process, Integer.parseInt(line.substring(READY.length())));
            }
            System.out.println("executor: " + line);
        }
        throw new IOException("the executor ended before it was ready, see " + log);
    }

    /** kill -9, and waits until it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    private static void drain(BufferedReader output) {
        output.lines().forEach(line -> System.out.println("executor: " + line));
    }
}
