package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.Outcome;
import java.util.List;

/** How a balancer answered for one packet. */
public sealed interface Routed {

    /** It picked a candidate. */
    record Chosen(String instanceId, Call call) implements Routed {

        /** How a routing record says that the candidate could not have the task. */
        public String overruled(String why) {
            return OVERRULED + instanceId + ": " + why;
        }
    }

    /** Begins a fallback's reason when the policy picked a candidate that could not be had. */
    String OVERRULED = "OVERRULED: ";

    /** Begins a fallback's reason when the policy was not called. */
    String NOT_CALLED = "NOT_CALLED: ";

    /**
     * It was called and picked none. After an outcome that is not reproducible it is at its end.
     */
    record NoChoice(Outcome outcome, String error, Call call) implements Routed {

        /** How a routing record says it. */
        public String fallback() {
            return outcome + ": " + error;
        }
    }

    /** It was not called, and knows nothing of the packet. */
    record NotCalled(String reason) implements Routed {

        /** How a routing record says it. */
        public String fallback() {
            return NOT_CALLED + reason;
        }
    }

    /**
     * What the record of a call holds.
     *
     * @param incarnation of the policy object
     * @param sequence of the call in its lane
     * @param logicalTimeMs the policy's clock during the call
     * @param packet the fields that it read, by name
     * @param effects in order
     */
    record Call(
            int incarnation, long sequence, long logicalTimeMs, Json packet, List<Effect> effects) {
        public Call {
            effects = List.copyOf(effects);
        }
    }
}
