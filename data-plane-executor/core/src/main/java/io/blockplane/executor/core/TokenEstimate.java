package io.blockplane.executor.core;

/**
 * What a task will cost, in tokens, before anyone has counted them: its prompt's bytes by the bytes
 * that a token had so far, and the mean of the tokens that tasks of the block have written so far,
 * weighted. Both means move by {@link #STEP} of the way with each task that ended, and begin where
 * the balancer's parameters say.
 */
public final class TokenEstimate {

    static final double STEP = 0.05;

    private final double outputWeight;
    private double bytesPerToken;
    private double outputTokens;

    public TokenEstimate(OutstandingTokens tuning) {
        this.outputWeight = tuning.outputWeight();
        this.bytesPerToken = tuning.bytesPerToken();
        this.outputTokens = tuning.expectedOutputTokens();
    }

    /** Tokens, at least 1. */
    public long of(int promptBytes) {
        double tokens = promptBytes / bytesPerToken + outputWeight * outputTokens;
        return Math.max(1, Math.round(tokens));
    }

    /** A task completed; an instance that reports no tokens changes nothing. */
    public void completed(int promptBytes, long inputTokens, long outputTokensOfIt) {
        if (inputTokens > 0 && promptBytes > 0) {
            bytesPerToken += STEP * ((double) promptBytes / inputTokens - bytesPerToken);
        }
        if (inputTokens > 0 || outputTokensOfIt > 0) {
            outputTokens += STEP * (outputTokensOfIt - outputTokens);
        }
    }
}
