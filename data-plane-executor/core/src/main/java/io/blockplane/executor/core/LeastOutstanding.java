package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * {@code builtin:least-outstanding}: the instance with the fewest tasks in its hands. Of several,
 * one is picked by the sequence number put through a bit mixer: the same question gets the same
 * answer, each gets its share, and no rhythm in the traffic (every second task meeting the same
 * tie) can favour one of them, as it could with the plain remainder.
 */
public record LeastOutstanding() implements NativeBalancer {

    public static final String URI = "builtin:least-outstanding";

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public String choose(Question question) {
        List<InstanceLoad> candidates = question.candidates();
        int least = Integer.MAX_VALUE;
        int tied = 0;
        for (int i = 0; i < candidates.size(); i++) {
            int outstanding = candidates.get(i).outstanding();
            if (outstanding < least) {
                least = outstanding;
                tied = 1;
            } else if (outstanding == least) {
                tied++;
            }
        }
        int skip = (int) Long.remainderUnsigned(Mixing.mix(question.sequence()), tied);
        for (int i = 0; i < candidates.size(); i++) {
            InstanceLoad candidate = candidates.get(i);
            if (candidate.outstanding() == least && skip-- == 0) {
                return candidate.instanceId();
            }
        }
        throw new IllegalStateException("no candidate has the least of the candidates");
    }
}
