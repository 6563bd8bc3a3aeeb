package io.blockplane.policy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided;

/**
 * Where the next decision of a chain stands.
 *
 * @param sequence of the next decision, from 0
 * @param previousHash of the decision before it
 * @param incarnation of the policy object that makes it, from 1
 */
public record ChainPosition(long sequence, String previousHash, int incarnation) {

    /** Of the first decision of a chain. */
    public static final ChainPosition START = new ChainPosition(0, DecisionChain.GENESIS, 1);

    public ChainPosition {
        if (sequence < 0) {
            throw new IllegalArgumentException("sequence: " + sequence + " (expected: >= 0)");
        }
        if (incarnation < 1) {
            throw new IllegalArgumentException("incarnation: " + incarnation + " (expected: >= 1)");
        }
    }

    /** After this decision, for the same policy object. */
    public static ChainPosition after(PolicyDecided decision) {
        return after(decision, DecisionChain.sha256(EventJson.encode(decision)));
    }

    /** As {@link #after(PolicyDecided)}, with the hash of its bytes as they stand in the log. */
    public static ChainPosition after(PolicyDecided decision, String hash) {
        return new ChainPosition(decision.sequence() + 1, hash, decision.incarnation());
    }

    /** The same place, for a new policy object. */
    public ChainPosition nextIncarnation() {
        return new ChainPosition(sequence, previousHash, incarnation + 1);
    }
}
