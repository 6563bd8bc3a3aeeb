package io.blockplane.runner;

import io.blockplane.events.BlockDocument;
import io.blockplane.events.Command.ExecuteFailurePolicy;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PolicyAssignment;
import java.util.List;
import java.util.Optional;

/** Failure policies, as they are called for a block: a new object for each call. */
final class FailurePolicies implements Decider {

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private Now now = Now.BEFORE_ALL;

    FailurePolicies(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.policy = new LivePolicy(key, shared, recorded);
    }

    @Override
    public List<Envelope<? extends Event>> onWindow(WindowClosed window) {
        now = new Now(window);
        return List.of();
    }

    @Override
    public void onProbe(Envelope<ProbeRecorded> probe) {
        // Who watches health calls a failure policy; it does not watch itself.
    }

    @Override
    public List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call) {
        if (!(call instanceof ExecuteFailurePolicy failure)) {
            return List.of();
        }
        Json blockData =
                shared.blocks()
                        .block(key.blockId())
                        .map(block -> Json.of(BlockDocument.of(block.spec())))
                        .orElse(Json.EMPTY_OBJECT);
        Optional<PolicyAssignment> assignment =
                shared.policies()
                        .version(failure.policyUri())
                        .map(version ->
                                version.assigned(
                                        shared.engine(),
                                        key,
                                        failure.parameters(),
                                        Json.EMPTY_OBJECT,
                                        LivePolicy.surroundings(blockData)));
        if (assignment.isEmpty()) {
            return List.of(
                    Written.undeliverable(
                            shared.source(),
                            record,
                            "policyUri: %s (expected: a registered policy)"
                                    .formatted(failure.policyUri())));
        }
        List<PolicyDecided> decisions =
                policy.evalOnce(
                        assignment.get(),
                        Math.max(now.timeMs(record.envelope().timeMs()), policy.lastMs()),
                        failure.inputs(),
                        now.metrics());
        return Written.decisions(
                shared.source(),
                decisions,
                record.envelope().correlationId(),
                record.envelope().id());
    }

    @Override
    public void close() {
        policy.close();
    }
}
