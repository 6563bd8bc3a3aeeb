package io.blockplane.instances;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line of an instance process.
 *
 * @param grpcPort of the executor's protocol on 127.0.0.1; 0 takes a free one
 * @param healthPort of {@code GET /health} on 127.0.0.1; 0 takes a free one
 * @param metricsPort of Prometheus on 127.0.0.1, beside {@code GET /metrics} on the health port; 0
 *     takes a free one, null is none
 * @param threads tasks processed at once; few unless told otherwise, because many instances share a
 *     machine
 * @param settings of the instance, a JSON object as text; what is in it is the instance's own
 */
public record InstanceArguments(
        String blockId,
        String instanceId,
        int grpcPort,
        int healthPort,
        @Nullable Integer metricsPort,
        int threads,
        String settings) {

    public static final String USAGE =
            "--block <id> --instance <id> --grpc-port <port, 0: a free one> --health-port <port, 0:"
                    + " a free one> [--metrics-port <port>] [--threads <count>] [--settings <JSON"
                    + " object>]";

    /** More threads than this in one process make no sense on any machine. */
    public static final int MAX_THREADS = 256;

    private static final String NO_SETTINGS = "{}";
    private static final int MAX_PORT = 65_535;
    private static final Set<String> KNOWN =
            Set.of(
                    "--block",
                    "--instance",
                    "--grpc-port",
                    "--health-port",
                    "--metrics-port",
                    "--threads",
                    "--settings");

    public InstanceArguments {
        requireText("--block", blockId);
        requireText("--instance", instanceId);
        requireBetween("--grpc-port", grpcPort, 0, MAX_PORT);
        requireBetween("--health-port", healthPort, 0, MAX_PORT);
        if (metricsPort != null) {
            requireBetween("--metrics-port", metricsPort, 0, MAX_PORT);
        }
        requireBetween("--threads", threads, 1, MAX_THREADS);
    }

    /** Without metrics on a port of their own, and without settings. */
    public InstanceArguments(
            String blockId, String instanceId, int grpcPort, int healthPort, int threads) {
        this(blockId, instanceId, grpcPort, healthPort, null, threads, NO_SETTINGS);
    }

    /** As {@link #parse(List, int)}, one task at once unless told otherwise. */
    public static InstanceArguments parse(List<String> args) {
        return parse(args, 1);
    }

    /**
     * Reads a command line.
     *
     * @param threads unless it says otherwise
     * @throws IllegalArgumentException when it is not as {@link #USAGE} says; the message names the
     *     option, its value and what was expected
     */
    public static InstanceArguments parse(List<String> args, int threads) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.size(); i += 2) {
            String option = args.get(i);
            if (!KNOWN.contains(option)) {
                throw new IllegalArgumentException(
                        "option: " + option + " (expected: " + USAGE + ")");
            }
            if (i + 1 == args.size()) {
                throw new IllegalArgumentException(option + ": nothing (expected: a value)");
            }
            if (options.put(option, args.get(i + 1)) != null) {
                throw new IllegalArgumentException(option + ": given twice (expected: once)");
            }
        }
        return new InstanceArguments(
                required(options, "--block"),
                required(options, "--instance"),
                number("--grpc-port", required(options, "--grpc-port")),
                number("--health-port", required(options, "--health-port")),
                options.containsKey("--metrics-port")
                        ? Integer.valueOf(
                                number("--metrics-port", required(options, "--metrics-port")))
                        : null,
                number("--threads", options.getOrDefault("--threads", Integer.toString(threads))),
                options.getOrDefault("--settings", NO_SETTINGS));
    }

    private static String required(Map<String, String> options, String option) {
        @Nullable String value = options.get(option);
        if (value == null) {
            throw new IllegalArgumentException(option + ": absent (expected: " + USAGE + ")");
        }
        return value;
    }

    private static int number(String option, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + ": " + value + " (expected: a number)", e);
        }
    }

    private static void requireText(String option, String value) {
        if (value.isBlank()) {
            throw new IllegalArgumentException(option + ": blank (expected: an id)");
        }
    }

    private static void requireBetween(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: %d to %d)".formatted(option, value, least, most));
        }
    }
}
