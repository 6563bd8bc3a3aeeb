package io.blockplane.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A broker in a JVM of its own, with this JVM's class path. Closing stops it and waits. */
public final class BrokerProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final Process process;
    private final String bootstrapServers;

    private BrokerProcess(Process process, String bootstrapServers) {
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker and waits until it serves.
     *
     * @param log gets what the broker prints; the last lines are in the message when it doesn't
     *     start
     * @throws IOException when it ends or does not serve within two minutes
     */
    public static BrokerProcess start(Path dataDir, int port, Path log) throws IOException {
        Files.createDirectories(dataDir);
        ProcessBuilder builder =
                new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                BrokerMain.class.getName(),
                                dataDir.toString(),
                                Integer.toString(port)));
        builder.redirectError(log.toFile());
        Process process = builder.start();
        try {
            String servers =
                    CompletableFuture.supplyAsync(
                                    () ->
                                            readReadyLine(
                                                    process.inputReader(StandardCharsets.UTF_8)),
                                    command ->
                                            Thread.ofPlatform()
                                                    .daemon()
                                                    .name("broker-ready")
                                                    .start(command))
                            .get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            return new BrokerProcess(process, servers);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IOException("the broker did not start, see " + log, e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the broker started", e);
        }
    }

    public String bootstrapServers() {
        return bootstrapServers;
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
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

    private static String readReadyLine(BufferedReader output) {
        try {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("READY ")) {
                    // Not a virtual thread: a read of a pipe holds its carrier for good.
                    Thread.ofPlatform().daemon().name("broker-output").start(() -> drain(output));
                    return line.substring("READY ".length());
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the broker's output broke", e);
        }
        throw new IllegalStateException("the broker ended before it was ready");
    }

    /** A full pipe would stop the broker. */
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
