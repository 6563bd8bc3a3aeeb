package io.blockplane.executor;

import io.blockplane.events.InstanceAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An {@link EchoInstance} in a JVM of its own, to be killed. Ends with its standard input. */
final class InstanceProcess implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("READY grpc=(\\S+) health=(\\S+)");

    private final Process process;
    private final InstanceAddress address;

    private InstanceProcess(Process process, InstanceAddress address) {
        this.process = process;
        this.address = address;
    }

    static InstanceProcess start(String blockId, String instanceId) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                EchoInstance.class.getName(),
                                "--block",
                                blockId,
                                "--instance",
                                instanceId,
                                "--grpc-port",
                                "0",
                                "--health-port",
                                "0",
                                "--threads",
                                "8")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.matches()) {
                return new InstanceProcess(
                        process, new InstanceAddress("grpc", ready.group(1), ready.group(2)));
            }
        }
        throw new IOException("the instance ended before it was ready");
    }

    InstanceAddress address() {
        return address;
    }

    /** kill -9, and waits until it is gone. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
