package io.blockplane.runner;

import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.Command;
import io.blockplane.events.Envelope;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.document.Document;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.DecisionChange;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyLimits;
import io.blockplane.policy.RecordedPolicy;
import io.blockplane.policy.Reexecution;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tries a proposed policy before it may decide: loads it, and lets it decide on the last recorded
 * inputs of the block, with what the log says that came in from outside. Nothing of it has an
 * effect, and no request leaves.
 */
final class CandidateCheck {

    /** Differences that are told one by one; the rest is counted. */
    private static final int TOLD = 5;

    /** How long a version may take to show up in this runner's view of the log. */
    private static final int VERSION_LOOKS = 100;

    private static final long VERSION_PAUSE_MS = 100;

    private final Shared shared;
    private final PolicyProposed proposed;
    private final List<String> findings = new ArrayList<>();

    private CandidateCheck(Shared shared, PolicyProposed proposed) {
        this.shared = shared;
        this.proposed = proposed;
    }

    /** What was found, as the command that tells the control plane. Takes seconds. */
    static Envelope<Command> run(Shared shared, Envelope<PolicyProposed> event)
            throws InterruptedException {
        PolicyProposed proposed = event.event();
        CandidateCheck check = new CandidateCheck(shared, proposed);
        boolean passed = check.passes();
        return new Envelope<>(
                "cand-%s-%d".formatted(proposed.blockId(), proposed.version()),
                shared.source(),
                System.currentTimeMillis(),
                event.correlationId(),
                event.id(),
                new Command.ReportCandidate(
                        proposed.blockId(),
                        proposed.policyName(),
                        proposed.version(),
                        passed,
                        check.findings));
    }

    private boolean passes() throws InterruptedException {
        Optional<PolicyName> name = PolicyName.of(proposed.policyName());
        Optional<BlockView.Block> block = shared.blocks().block(proposed.blockId());
        if (name.isEmpty() || block.isEmpty()) {
            return fail("policy: " + proposed.policyName() + " decides nothing for a block");
        }
        if (name.get().kind() == Kind.ROUTE && proposed.stage() == Command.Stage.SHADOW) {
            return fail("stage: SHADOW (expected: ACTIVE, a balancer can't run in the shadow)");
        }
        if (proposed.binding().policyUri().startsWith("builtin:")) {
            findings.add("built in: nothing to check");
            return true;
        }
        Optional<PolicyCatalogue.Version> version = awaitVersion();
        if (version.isEmpty()) {
            return fail(
                    "policy: %s (expected: a registered version)"
                            .formatted(proposed.binding().policyUri()));
        }
        LineKey line = LineKey.acting(proposed.blockId(), name.get().kind());
        PolicyAssignment assignment =
                version.get()
                        .assigned(
                                shared.engine(),
                                line,
                                proposed.binding().parameters(),
                                proposed.binding().settings(),
                                LivePolicy.surroundings(block.get()));
        try (RecordedPolicy policy =
                new RecordedPolicy(
                        shared.engine(), assignment, ChainPosition.START, PolicyLimits.DEFAULT)) {
            return loads(policy) && decides(policy, block.get(), line);
        }
    }

    private boolean loads(RecordedPolicy policy) {
        PolicyDecided init = policy.init(System.currentTimeMillis(), MetricsSource.NONE);
        return init.outcome() == Outcome.RETURNED
                || fail("loading: " + init.outcome() + ": " + init.error());
    }

    private boolean decides(RecordedPolicy policy, BlockView.Block block, LineKey line) {
        List<PolicyDecided> recorded = shared.recent().of(line);
        if (recorded.isEmpty()) {
            return decidesAtAll(policy, block, line.kind());
        }
        Map<String, Document> documents = LivePolicy.documents(shared, recorded);
        int differing = 0;
        for (PolicyDecided one : recorded) {
            switch (policy.reexecute(one, documents::get)) {
                case Reexecution.WindowMissing(String windowId) ->
                        findings.add("window " + windowId + " is not in the log: left out");
                case Reexecution.Executed(PolicyDecided candidate) -> {
                    if (candidate.outcome() != Outcome.RETURNED) {
                        return fail(
                                "on the input of %s: %s: %s"
                                        .formatted(
                                                one.id(), candidate.outcome(), candidate.error()));
                    }
                    if (!DecisionChange.sameEffect(one, candidate) && ++differing <= TOLD) {
                        findings.add(
                                DecisionChange.text(
                                        Instant.ofEpochMilli(one.logicalTimeMs()).toString(),
                                        one,
                                        candidate));
                    }
                }
            }
        }
        findings.add(
                "%d of the last %d inputs decided otherwise than recorded"
                        .formatted(differing, recorded.size()));
        return true;
    }

    private boolean decidesAtAll(RecordedPolicy policy, BlockView.Block block, Kind kind) {
        if (kind != Kind.SCALE) {
            findings.add("no recorded inputs yet: only loaded");
            return true;
        }
        PolicyDecided first =
                policy.eval(
                        System.currentTimeMillis(), Autoscaler.input(block), MetricsSource.NONE);
        findings.add("no recorded inputs yet: tried on empty metrics");
        return first.outcome() == Outcome.RETURNED
                || fail("on empty metrics: " + first.outcome() + ": " + first.error());
    }

    private Optional<PolicyCatalogue.Version> awaitVersion() throws InterruptedException {
        for (int look = 0; look < VERSION_LOOKS; look++) {
            Optional<PolicyCatalogue.Version> version =
                    shared.policies().version(proposed.binding().policyUri());
            if (version.isPresent()) {
                return version;
            }
            Thread.sleep(VERSION_PAUSE_MS);
        }
        return Optional.empty();
    }

    private boolean fail(String finding) {
        findings.add(finding);
        return false;
    }
}
