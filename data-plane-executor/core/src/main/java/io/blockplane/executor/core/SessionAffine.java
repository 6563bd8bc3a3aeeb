package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * {@code builtin:session-affine}: a session stays with its instance, as long as that one has not
 * too much to do. Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam,
 * "Consistent Hashing with Bounded Loads", SODA 2018), on rendezvous hashing instead of a ring
 * (Thaler and Ravishankar, 1998):
 *
 * <ol>
 *   <li>Session and instance together give a score; a session prefers instances by score.
 *   <li>No instance may have more than {@code bound} times the mean of tasks in hand, this one
 *       counted, rounded up, and never less than {@code leastCapacity}.
 *   <li>It goes to the most preferred one that is below. There is always one: not all can be above
 *       their mean.
 * </ol>
 *
 * So an instance that goes moves only its own sessions, and these spread over all others; a new one
 * takes its share from each. Nothing is kept between picks.
 *
 * @param bound from just above 1 (even) to large (always the preferred one)
 * @param leastCapacity tasks that an instance may have however few there are
 */
public record SessionAffine(double bound, int leastCapacity) implements NativeBalancer {

    public static final String URI = "builtin:session-affine";

    static final double DEFAULT_BOUND = 1.25;
    static final double MIN_BOUND = 1.01;
    static final double MAX_BOUND = 100;
    static final int DEFAULT_LEAST_CAPACITY = 4;
    static final int MAX_LEAST_CAPACITY = 10_000;

    @Override
    public String uri() {
        return URI;
    }

    @Override
    public boolean bySession() {
        return true;
    }

    @Override
    public String choose(Question question) {
        List<InstanceLoad> candidates = question.candidates();
        int capacity = capacity(candidates);
        long session = Mixing.hash(question.packet().sessionId());
        String best = "";
        long bestScore = 0;
        for (int i = 0; i < candidates.size(); i++) {
            InstanceLoad candidate = candidates.get(i);
            if (candidate.outstanding() < capacity) {
                String id = candidate.instanceId();
                long score = Mixing.mix(session ^ Mixing.hash(id));
                int order = best.isEmpty() ? 1 : Long.compareUnsigned(score, bestScore);
                if (order > 0 || (order == 0 && id.compareTo(best) < 0)) {
                    best = id;
                    bestScore = score;
                }
            }
        }
        return best;
    }

    private int capacity(List<InstanceLoad> candidates) {
        long total = 1;
        for (int i = 0; i < candidates.size(); i++) {
            total += candidates.get(i).outstanding();
        }
        double fair = Math.ceil(bound * total / candidates.size());
        return Math.max(leastCapacity, (int) Math.min(Integer.MAX_VALUE, fair));
    }
}
