package io.blockplane.windows.topology;

import io.blockplane.log.Kafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The role in a JVM of its own, so that it can be killed. Ends with its parent. */
final class WindowsProcess implements AutoCloseable {

    private final Process process;

    WindowsProcess(Kafka kafka, Path stateDir, String memberId) throws IOException {
        process =
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
                                        WindowsProcess.class.getName(),
                                        kafka.bootstrapServers(),
                                        stateDir.toString(),
                                        memberId))
                        .redirectErrorStream(true)
                        .redirectOutput(stateDir.resolveSibling("process.log").toFile())
                        .start();
    }

    /** As {@code kill -9} does it. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** Runs until its input ends. */
    public static void main(String[] args) throws IOException {
        WindowsConfig config = new WindowsConfig(new Kafka(args[0]), Path.of(args[1]), args[2]);
        try (WindowsRole role = new WindowsRole(config)) {
            role.start();
            System.in.readAllBytes();
        }
    }
}
