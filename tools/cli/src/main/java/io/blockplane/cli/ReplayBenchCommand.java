package io.blockplane.cli;

import io.blockplane.bench.PolicyBench;
import io.blockplane.policy.format.PolicyArchive;
import io.blockplane.replay.MadeLog;
import io.blockplane.replay.bench.VerifyBench;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench replay}: what verifying costs on this machine. */
@Command(
        name = "replay",
        description =
                "Makes a log of a token autoscaler's decisions on made-up windows, and verifies it:"
                        + " wall time and CPU time of making it, reading it and verifying it.",
        mixinStandardHelpOptions = true)
final class ReplayBenchCommand implements Callable<Integer> {

    private static final String POLICY = "token_autoscaler.py";

    @Option(
            names = "--decisions",
            defaultValue = "100000",
            showDefaultValue = CommandLine.Help.Visibility.ALWAYS)
    private int decisions;

    @Option(
            names = "--blocks",
            defaultValue = "8",
            showDefaultValue = CommandLine.Help.Visibility.ALWAYS)
    private int blocks;

    @Option(
            names = "--seed",
            defaultValue = "1",
            showDefaultValue = CommandLine.Help.Visibility.ALWAYS)
    private long seed;

    @Option(
            names = "--file",
            description =
                    "Keep the log here; it is used again when it is there. Default: it is made for"
                            + " this run.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        MadeLog.Shape shape = new MadeLog.Shape(decisions, blocks, seed);
        if (file != null) {
            return VerifyBench.run(file, policy(), shape, System.out) ? 0 : 1;
        }
        Path folder = Files.createTempDirectory("blockplane-bench-");
        Path made = folder.resolve("made.bplog");
        try {
            return VerifyBench.run(made, policy(), shape, System.out) ? 0 : 1;
        } finally {
            Files.deleteIfExists(made);
            Files.deleteIfExists(folder);
        }
    }

    private static PolicyArchive policy() throws IOException {
        try (InputStream in = PolicyBench.class.getResourceAsStream(POLICY)) {
            if (in == null) {
                throw new IllegalStateException("resource " + POLICY + " is missing");
            }
            return PolicyArchive.ofFunction(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
