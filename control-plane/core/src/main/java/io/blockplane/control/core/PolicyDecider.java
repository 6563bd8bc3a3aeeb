package io.blockplane.control.core;

import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.ActivationCause;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.EndShadow;
import io.blockplane.events.Command.PolicyCommand;
import io.blockplane.events.Command.ProposePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Command.ReportCandidate;
import io.blockplane.events.Command.RollBackPolicy;
import io.blockplane.events.Command.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which policy decides something for a block.
 *
 * <pre>
 * ProposePolicy     is checked from here on, in the place of one that is
 * ReportCandidate   passed: it is active, or a shadow; failed: refused, and nothing changes
 * RollBackPolicy    the one before the active one is active, without a check
 * EndShadow         no shadow
 * QuarantinePolicy  the active one is not run any more
 * </pre>
 *
 * A report about a proposal that another one has replaced, or that was decided, is refused.
 */
final class PolicyDecider {

    /** What policies can decide in any block, by the names that AIOSv1 has for it. */
    static final Set<String> NAMES =
            Set.of(
                    "autoscaler",
                    "clusterAllocator",
                    "loadBalancer",
                    "resourceAllocator",
                    "stabilityChecker");

    /** Findings of a check that are kept; of more, the last line says how many. */
    static final int FINDINGS = 100;

    /** Longest finding, characters; a longer one is cut. */
    static final int FINDING_LENGTH = 1_000;

    private PolicyDecider() {}

    static Decision<Reply> decide(BlockState.Present block, PolicyCommand command) {
        String name = command.policyName();
        BlockPolicy policy = block.policy(name);
        if (!NAMES.contains(name) && !block.policies().containsKey(name)) {
            Set<String> known = new TreeSet<>(NAMES);
            known.addAll(block.policies().keySet());
            return new Rejected<>(new Rejection.UnknownPolicyName(name, List.copyOf(known)));
        }
        return switch (command) {
            case ProposePolicy proposal -> propose(block, policy, proposal);
            case ReportCandidate report -> report(block, policy, report);
            case RollBackPolicy _ -> rollBack(block, policy, name);
            case EndShadow _ -> endShadow(block, policy, name);
            case QuarantinePolicy quarantine -> quarantine(block, policy, quarantine);
        };
    }

    private static Decision<Reply> propose(
            BlockState.Present block, BlockPolicy policy, ProposePolicy proposal) {
        String name = proposal.policyName();
        var broken = SpecRules.policy(name, proposal.binding());
        if (broken.isPresent()) {
            return new Rejected<>(broken.get());
        }
        if (proposal.stage() == Stage.ACTIVE
                && !policy.quarantined()
                && proposal.binding().equals(policy.active())) {
            return new Rejected<>(
                    new Rejection.AlreadyActive(name, proposal.binding().policyUri()));
        }
        return accepted(
                name,
                new BlockEvent.PolicyProposed(
                        block.blockId(),
                        block.version() + 1,
                        name,
                        proposal.binding(),
                        proposal.stage()));
    }

    private static Decision<Reply> report(
            BlockState.Present block, BlockPolicy policy, ReportCandidate report) {
        String name = report.policyName();
        Candidate candidate = policy.candidate();
        if (candidate == null || candidate.version() != report.candidate()) {
            return new Rejected<>(
                    new Rejection.StaleCandidate(
                            name,
                            report.candidate(),
                            candidate == null ? null : candidate.version()));
        }
        List<String> findings = bounded(report.findings());
        PolicyBinding binding = candidate.binding();
        long next = block.version() + 1;
        if (!report.passed()) {
            return accepted(
                    name,
                    new BlockEvent.PolicyRefused(
                            block.blockId(),
                            next,
                            name,
                            report.candidate(),
                            binding.policyUri(),
                            findings));
        }
        return switch (candidate.stage()) {
            case ACTIVE ->
                    activate(block, policy, name, binding, ActivationCause.PROPOSED, findings);
            case SHADOW ->
                    accepted(
                            name,
                            new BlockEvent.PolicyShadowed(
                                    block.blockId(), next, name, binding, findings));
        };
    }

    private static Decision<Reply> rollBack(
            BlockState.Present block, BlockPolicy policy, String name) {
        if (policy.earlier().isEmpty()) {
            return new Rejected<>(new Rejection.NothingToRollBackTo(name, uri(policy.active())));
        }
        return activate(
                block,
                policy,
                name,
                policy.earlier().getLast(),
                ActivationCause.ROLLED_BACK,
                List.of());
    }

    /** A policy does not run beside itself: becoming active ends it as the shadow. */
    private static Decision<Reply> activate(
            BlockState.Present block,
            BlockPolicy policy,
            String name,
            PolicyBinding binding,
            ActivationCause cause,
            List<String> findings) {
        List<BlockEvent> events = new ArrayList<>();
        events.add(
                new PolicyActivated(
                        block.blockId(),
                        block.version() + 1,
                        name,
                        binding,
                        cause,
                        uri(policy.active()),
                        findings));
        PolicyBinding shadow = policy.shadow();
        if (shadow != null && shadow.policyUri().equals(binding.policyUri())) {
            events.add(
                    new BlockEvent.ShadowEnded(
                            block.blockId(), block.version() + 2, name, shadow.policyUri()));
        }
        return new Accepted<>(events, new Reply.PolicyChanged(name));
    }

    private static Decision<Reply> endShadow(
            BlockState.Present block, BlockPolicy policy, String name) {
        PolicyBinding shadow = policy.shadow();
        return shadow == null
                ? new Rejected<>(new Rejection.NoShadow(name))
                : accepted(
                        name,
                        new BlockEvent.ShadowEnded(
                                block.blockId(), block.version() + 1, name, shadow.policyUri()));
    }

    private static Decision<Reply> quarantine(
            BlockState.Present block, BlockPolicy policy, QuarantinePolicy quarantine) {
        String name = quarantine.policyName();
        String active = uri(policy.active());
        if (!quarantine.policyUri().equals(active)) {
            return new Rejected<>(new Rejection.NotActive(name, quarantine.policyUri(), active));
        }
        if (policy.quarantined()) {
            return new Accepted<>(List.of(), new Reply.PolicyChanged(name));
        }
        return accepted(
                name,
                new BlockEvent.PolicyQuarantined(
                        block.blockId(),
                        block.version() + 1,
                        name,
                        quarantine.policyUri(),
                        shortened(quarantine.reason())));
    }

    private static Decision<Reply> accepted(String name, BlockEvent event) {
        return new Accepted<>(List.of(event), new Reply.PolicyChanged(name));
    }

    private static List<String> bounded(List<String> findings) {
        List<String> bounded = new ArrayList<>();
        findings.stream().limit(FINDINGS).forEach(finding -> bounded.add(shortened(finding)));
        if (findings.size() > FINDINGS) {
            bounded.set(FINDINGS - 1, "and " + (findings.size() - FINDINGS + 1) + " more");
        }
        return bounded;
    }

    private static String shortened(String text) {
        return text.length() <= FINDING_LENGTH
                ? text
                : text.substring(0, FINDING_LENGTH - 3) + "...";
    }

    private static @Nullable String uri(@Nullable PolicyBinding binding) {
        return binding == null ? null : binding.policyUri();
    }
}
