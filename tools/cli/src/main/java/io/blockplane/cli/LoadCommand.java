package io.blockplane.cli;

import io.blockplane.cli.client.InferenceClient;
import io.blockplane.cli.client.LoadGenerator;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code load}: many requests at a steady rate. */
@Command(
        name = "load",
        description = "Sends requests to an embedding block at a steady rate (open loop).",
        mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {

    @Mixin private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "BLOCK", description = "The block's id.")
    private String blockId = "";

    @Option(names = "--rate", description = "Requests a second (default: ${DEFAULT-VALUE}).")
    private double rate = 20;

    @Option(names = "--seconds", description = "For how long (default: ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(names = "--texts", description = "Texts a request (default: ${DEFAULT-VALUE}).")
    private int texts = 4;

    @Option(names = "--words", description = "Words a text (default: ${DEFAULT-VALUE}).")
    private int words = 12;

    @Option(names = "--sessions", description = "Sessions (default: ${DEFAULT-VALUE}).")
    private int sessions = 16;

    @Option(
            names = "--predict",
            description = "Wait for answers (Predict) instead of handing packets over (infer).")
    private boolean predict;

    @Override
    public Integer call() throws IOException, InterruptedException {
        positive("--rate", rate);
        positive("--seconds", seconds);
        positive("--texts", texts);
        positive("--words", words);
        positive("--sessions", sessions);
        String run = "load-" + System.currentTimeMillis();
        try (InferenceClient client = new InferenceClient(connection.grpc(), blockId)) {
            LoadGenerator generator =
                    new LoadGenerator(
                            predict ? client::predict : client::infer,
                            LoadGenerator.sentences(run, sessions, texts, words));
            LoadGenerator.Result result =
                    generator.run(
                            rate,
                            Duration.ofSeconds(seconds),
                            so -> System.out.println(describe(so)));
            System.out.println(describe(result));
            System.out.println("sessions " + run + "-0 .. " + run + "-" + (sessions - 1));
            return result.failed() == 0 ? 0 : 1;
        }
    }

    private static String describe(LoadGenerator.Result so) {
        return "%,9d sent  %,9d answered  %,5d failed %s  p50 %.1f ms  p99 %.1f ms  max %.1f ms"
                .formatted(
                        so.planned(),
                        so.completed(),
                        so.failed(),
                        so.errors().isEmpty() ? "" : so.errors(),
                        so.latencyUs().getValueAtPercentile(50) / 1000.0,
                        so.latencyUs().getValueAtPercentile(99) / 1000.0,
                        so.latencyUs().getMaxValue() / 1000.0);
    }

    private static void positive(String option, double value) {
        if (!(value > 0)) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: > 0)");
        }
    }
}
