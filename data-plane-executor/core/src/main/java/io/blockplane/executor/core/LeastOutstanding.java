package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * {@code builtin:least-outstanding}: the instance with the fewest tasks in its hands. Of several,
 * one is picked by the sequence number put through a bit mixer: the same question gets the same
 * answer, each gets its share, and no rhythm in the traffic (every second task meeting the same
 * tie) can favour one of them, as it could with the plain remainder.
 */
public final class LeastOutstanding implements Balancer {

    public static final String URI = "builtin:least-outstanding";

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        int least =
                question.candidates().stream()
                        .mapToInt(InstanceLoad::outstanding)
                        .min()
                        .orElseThrow();
        List<InstanceLoad> tied =
                question.candidates().stream().filter(c -> c.outstanding() == least).toList();
        int pick = (int) Long.remainderUnsigned(mix(question.sequence()), tied.size());
        return tied.get(pick).instanceId();
    }

    /** The finaliser of SplitMix64: every input bit moves every output bit. */
    private static long mix(long x) {
        long z = x + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
