package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * {@code builtin:outstanding-tokens}, for language models, where one task may be a thousand times
 * another: the instance with the fewest estimated tokens in its hands; of several, the one with the
 * fewest tasks, then one by the sequence number. An instance whose tokens are not known counts as
 * having none. How they are estimated: {@link TokenEstimate}.
 *
 * @param bytesPerToken of a prompt
 * @param expectedOutputTokens of a task, until tasks have shown it
 * @param outputWeight what a token written costs, in tokens read
 */
public record OutstandingTokens(
        double bytesPerToken, double expectedOutputTokens, double outputWeight)
        implements NativeBalancer {

    public static final String URI = "builtin:outstanding-tokens";

    static final double DEFAULT_BYTES_PER_TOKEN = 4;
    static final double DEFAULT_EXPECTED_OUTPUT_TOKENS = 128;
    static final double DEFAULT_OUTPUT_WEIGHT = 1;

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        List<InstanceLoad> candidates = question.candidates();
        int n = candidates.size();
        // Where to begin decides between equals.
        int start = Mixing.below(Mixing.mix(question.sequence()), n);
        InstanceLoad best = candidates.get(start);
        for (int i = 1; i < n; i++) {
            InstanceLoad candidate = candidates.get((start + i) % n);
            int order = Long.compare(tokens(candidate), tokens(best));
            if (order < 0 || (order == 0 && candidate.outstanding() < best.outstanding())) {
                best = candidate;
            }
        }
        return best.instanceId();
    }

    private static long tokens(InstanceLoad load) {
        Long tokens = load.tokens();
        return tokens == null ? 0 : tokens;
    }
}
