package io.blockplane.executor.core;

/**
 * {@code builtin:round-robin}: the candidates in turn, by the sequence number. While the candidates
 * stay the same, of any n picks in a row each of n candidates gets one.
 */
public record RoundRobin() implements NativeBalancer {

    public static final String URI = "builtin:round-robin";

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        int n = question.candidates().size();
        int turn = (int) Long.remainderUnsigned(question.sequence(), n);
        return question.candidates().get(turn).instanceId();
    }
}
