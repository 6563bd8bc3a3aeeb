package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * {@code builtin:power-of-two}: of two candidates drawn by the sequence number, the one with fewer
 * tasks in its hands; the first drawn when they have as many. With loads that are a little out of
 * date it errs less than the least of all, to which every executor would run at once (Mitzenmacher,
 * "The Power of Two Choices in Randomized Load Balancing", IEEE TPDS 12(10), 2001).
 */
public record PowerOfTwo() implements NativeBalancer {

    public static final String URI = "builtin:power-of-two";

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        return pick(question).instanceId();
    }

    static InstanceLoad pick(Balancer.Question question) {
        List<InstanceLoad> candidates = question.candidates();
        int n = candidates.size();
        if (n == 1) {
            return candidates.getFirst();
        }
        long bits = Mixing.mix(question.sequence());
        int first = Mixing.below(bits, n);
        int second = (first + 1 + Mixing.below(Mixing.mix(bits), n - 1)) % n;
        InstanceLoad one = candidates.get(first);
        InstanceLoad other = candidates.get(second);
        return other.outstanding() < one.outstanding() ? other : one;
    }
}
