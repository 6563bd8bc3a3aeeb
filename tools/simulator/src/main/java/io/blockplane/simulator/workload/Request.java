package io.blockplane.simulator.workload;

/**
 * One request as it comes in, with what it will turn out to need.
 *
 * @param index counts the workload's requests from 0
 * @param atNanos when it comes in, since the workload's origin
 * @param seqNo within its session
 * @param tokensIn read, at least 1
 * @param tokensOut written, at least 1; no balancer gets to see it
 * @param ordered whether it waits for the one before it in its session, as {@code infer} does
 * @param serviceNanos that an instance took for it when it was recorded; -1 when nobody knows
 */
public record Request(
        int index,
        long atNanos,
        String session,
        long seqNo,
        int tokensIn,
        int tokensOut,
        boolean ordered,
        long serviceNanos) {

    public Request {
        if (tokensIn < 1 || tokensOut < 1) {
            throw new IllegalArgumentException(
                    "tokens: %d in, %d out (expected: >= 1)".formatted(tokensIn, tokensOut));
        }
    }

    /** One of which nothing was recorded but its arrival and size. */
    public static Request of(
            int index, long atNanos, String session, long seqNo, int tokensIn, int tokensOut) {
        return new Request(index, atNanos, session, seqNo, tokensIn, tokensOut, false, -1);
    }
}
