package io.blockplane.executor.core;

import io.blockplane.events.TaskEvent.InstanceLoad;
import java.util.List;

/**
 * Picks the instance that a task goes to. The pick is a function of the question alone, so that it
 * can be made again from the routing record in the task's event.
 */
public interface Balancer {

    /** The policy's uri, as recorded: {@code builtin:<name>} for ours. */
    String uri();

    /** The id of one of the question's candidates. */
    String choose(Question question);

    /**
     * All that a pick may depend on.
     *
     * @param sequence counts the picks of one balancer from 1
     * @param candidates never empty, each instance once
     */
    record Question(long sequence, PacketFacts packet, List<InstanceLoad> candidates) {
        public Question {
            candidates = List.copyOf(candidates);
            if (candidates.isEmpty()) {
                throw new IllegalArgumentException("candidates: none (expected: at least one)");
            }
        }
    }

    /**
     * What a balancer may know of a packet.
     *
     * @param seqNo an unsigned 64-bit number
     */
    record PacketFacts(String sessionId, long seqNo) {}
}
