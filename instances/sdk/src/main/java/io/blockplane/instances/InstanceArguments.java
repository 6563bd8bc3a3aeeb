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
 * @param threads tasks processed at once; 1 unless told otherwise, because many instances share a
 *     machine
 */
public record InstanceArguments(
        String blockId, String instanceId, int grpcPort, int healthPort, int threads) {

    public static final String USAGE =
            "--block <id> --instance <id> --grpc-port <port, 0: a free one> --health-port <port, 0:"
                    + " a free one> [--threads <count, default 1>]";

    /** More threads than this in one process make no sense on any machine. */
    public static final int MAX_THREADS = 256;

    private static final int MAX_PORT = 65_535;
    private static final Set<String> KNOWN =
            Set.of("--block", "--instance", "--grpc-port", "--health-port", "--threads");

    public InstanceArguments {
        requireText("--block", blockId);
        requireText("--instance", instanceId);
        requireBetween("--grpc-port", grpcPort, 0, MAX_PORT);
        requireBetween("--health-port", healthPort, 0, MAX_PORT);
        requireBetween("--threads", threads, 1, MAX_THREADS);
    }

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException when it is not as {@link #USAGE} says; the message names the
     *     option, its value and what was expected
     */
    public static InstanceArguments parse(List<String> args) {
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
                number("--threads", options.getOrDefault("--threads", "1")));
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
