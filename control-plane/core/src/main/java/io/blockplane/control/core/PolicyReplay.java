package io.blockplane.control.core;

import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockEvent.PolicyChange;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.BlockEvent.PolicyQuarantined;
import io.blockplane.events.BlockEvent.PolicyRefused;
import io.blockplane.events.BlockEvent.PolicyShadowed;
import io.blockplane.events.BlockEvent.ShadowEnded;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.Stage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Policy changes to what a block's policies are. */
final class PolicyReplay {

    private PolicyReplay() {}

    /** The policy after a change; empty when the change cannot follow. */
    static Optional<BlockPolicy> replay(BlockPolicy policy, PolicyChange change) {
        return switch (change) {
            case PolicyProposed proposed ->
                    Optional.of(
                            policy.checking(
                                    new Candidate(
                                            proposed.version(),
                                            proposed.binding(),
                                            proposed.stage())));
            case PolicyRefused refused ->
                    when(
                            policy.candidate() != null
                                    && policy.candidate().version() == refused.candidate(),
                            policy.checked());
            case PolicyShadowed shadowed ->
                    when(
                            isCandidate(policy, shadowed.binding(), Stage.SHADOW),
                            policy.checked().shadowing(shadowed.binding()));
            case PolicyActivated activated -> activated(policy, activated);
            case ShadowEnded ended ->
                    when(is(policy.shadow(), ended.policyUri()), policy.shadowing(null));
            case PolicyQuarantined quarantined ->
                    when(
                            !policy.quarantined() && is(policy.active(), quarantined.policyUri()),
                            policy.quarantinedNow());
        };
    }

    private static Optional<BlockPolicy> activated(BlockPolicy policy, PolicyActivated activated) {
        String previous = activated.previous();
        boolean follows =
                previous == null ? policy.active() == null : is(policy.active(), previous);
        if (!follows) {
            return Optional.empty();
        }
        return switch (activated.cause()) {
            case PROPOSED ->
                    when(
                            isCandidate(policy, activated.binding(), Stage.ACTIVE),
                            policy.activated(activated.binding()));
            case ROLLED_BACK ->
                    !policy.earlier().isEmpty()
                                    && policy.earlier().getLast().equals(activated.binding())
                            ? Optional.of(policy.rolledBack())
                            : Optional.empty();
        };
    }

    private static boolean isCandidate(BlockPolicy policy, PolicyBinding binding, Stage stage) {
        Candidate candidate = policy.candidate();
        return candidate != null
                && candidate.stage() == stage
                && candidate.binding().equals(binding);
    }

    private static boolean is(@Nullable PolicyBinding binding, String policyUri) {
        return binding != null && binding.policyUri().equals(policyUri);
    }

    private static Optional<BlockPolicy> when(boolean holds, BlockPolicy after) {
        return holds ? Optional.of(after) : Optional.empty();
    }
}
