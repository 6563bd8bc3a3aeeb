package io.blockplane.load;

/**
 * One request of a plan.
 *
 * @param atNanos when it is to leave, from the start of the run
 * @param inputTokens that it carries
 * @param outputTokens that it asks for at most
 */
public record Arrival(long atNanos, int inputTokens, int outputTokens) {

    public Arrival {
        if (atNanos < 0) {
            throw new IllegalArgumentException("atNanos: " + atNanos + " (expected: >= 0)");
        }
        if (inputTokens < 0 || outputTokens < 0) {
            throw new IllegalArgumentException(
                    "tokens: %d in, %d out (expected: >= 0)".formatted(inputTokens, outputTokens));
        }
    }
}
