package io.blockplane.control.core;

import static io.blockplane.control.core.Given.BLOCK;
import static io.blockplane.control.core.Given.after;
import static io.blockplane.control.core.Given.binding;
import static io.blockplane.control.core.Given.command;
import static io.blockplane.control.core.Given.specWith;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.ActivationCause;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.BlockEvent.PolicyRefused;
import io.blockplane.events.BlockEvent.PolicyShadowed;
import io.blockplane.events.BlockEvent.ShadowEnded;
import io.blockplane.events.Command;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.EndShadow;
import io.blockplane.events.Command.ProposePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Command.ReportCandidate;
import io.blockplane.events.Command.RollBackPolicy;
import io.blockplane.events.Command.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PolicyDeciderTest {

    private static final String NAME = "autoscaler";
    private static final CreateBlock CREATE = new CreateBlock(specWith(Map.of(NAME, "a:1-s")));

    @Test
    void checksAProposalBeforeItDecides() {
        BlockState.Present proposed = given(CREATE, propose("a:2-s"));
        assertThat(proposed.policy(NAME))
                .isEqualTo(
                        new BlockPolicy(
                                binding("a:1-s"),
                                false,
                                new BlockPolicy.Candidate(2, binding("a:2-s"), Stage.ACTIVE),
                                null,
                                List.of()));
        assertThat(proposed.currentSpec()).isEqualTo(CREATE.spec());
        assertThat(events(proposed, passed(2, "would have added 2 more")))
                .containsExactly(
                        new PolicyActivated(
                                BLOCK,
                                3,
                                NAME,
                                binding("a:2-s"),
                                ActivationCause.PROPOSED,
                                "a:1-s",
                                List.of("would have added 2 more")));
        BlockState.Present active = given(CREATE, propose("a:2-s"), passed(2));
        assertThat(active.policy(NAME).earlier()).containsExactly(binding("a:1-s"));
        assertThat(active.currentSpec().policies()).containsEntry(NAME, binding("a:2-s"));
    }

    @Test
    void changesNothingWhenTheCheckFails() {
        BlockState.Present proposed = given(CREATE, propose("a:2-s"));
        assertThat(events(proposed, failed(2, "INIT: RAISED")))
                .containsExactly(
                        new PolicyRefused(BLOCK, 3, NAME, 2, "a:2-s", List.of("INIT: RAISED")));
        assertThat(given(CREATE, propose("a:2-s"), failed(2)).policy(NAME))
                .isEqualTo(given(CREATE).policy(NAME));
    }

    @Test
    void letsANewerProposalReplaceTheOneUnderCheck() {
        BlockState.Present twice = given(CREATE, propose("a:2-s"), propose("a:3-s"));
        assertThat(rejection(twice, passed(2)))
                .isEqualTo(new Rejection.StaleCandidate(NAME, 2, 3L));
        assertThat(rejection(given(CREATE), passed(2)).message())
                .isEqualTo("candidate: 2 of autoscaler (expected: one under check, and none is)");
        assertThat(rejection(twice, passed(2)).message())
                .isEqualTo("candidate: 2 of autoscaler (expected: 3, the one under check)");
        assertThat(((PolicyActivated) events(twice, passed(3)).getFirst()).binding())
                .isEqualTo(binding("a:3-s"));
    }

    @Test
    void givesABlockAPolicyThatItNeverHad() {
        ProposePolicy proposal =
                new ProposePolicy(BLOCK, "stabilityChecker", binding("h:1-s"), Stage.ACTIVE);
        BlockState.Present proposed = given(CREATE, proposal);
        PolicyActivated activated =
                (PolicyActivated)
                        events(
                                        proposed,
                                        new ReportCandidate(
                                                BLOCK, "stabilityChecker", 2, true, List.of()))
                                .getFirst();
        assertThat(activated.previous()).isNull();
    }

    @Test
    void refusesNamesThatDecideNothing() {
        assertThat(
                        rejection(
                                        given(CREATE),
                                        new ProposePolicy(
                                                BLOCK, "wether", binding("w:1-s"), Stage.ACTIVE))
                                .message())
                .isEqualTo(
                        "policyName: wether (expected: one of [autoscaler, clusterAllocator,"
                                + " loadBalancer, resourceAllocator, stabilityChecker])");
        assertThat(rejection(given(CREATE), propose("no uri")).message())
                .startsWith("policies.autoscaler.policyUri: no uri");
        assertThat(rejection(BlockState.absent(), propose("a:2-s")).code())
                .isEqualTo(Rejection.Code.UNKNOWN_BLOCK);
    }

    @Test
    void refusesWhatIsActiveAlreadyUnlessItIsQuarantined() {
        assertThat(rejection(given(CREATE), propose("a:1-s")))
                .isEqualTo(new Rejection.AlreadyActive(NAME, "a:1-s"));
        assertThat(events(given(CREATE, quarantine("a:1-s")), propose("a:1-s")))
                .containsExactly(
                        new PolicyProposed(BLOCK, 3, NAME, binding("a:1-s"), Stage.ACTIVE));
    }

    @Test
    void runsAShadowBesideTheActiveOneUntilItIsEnded() {
        BlockState.Present shadowed = given(CREATE, shadow("a:2-s"), passed(2));
        assertThat(events(given(CREATE, shadow("a:2-s")), passed(2)))
                .containsExactly(new PolicyShadowed(BLOCK, 3, NAME, binding("a:2-s"), List.of()));
        assertThat(shadowed.policy(NAME).active()).isEqualTo(binding("a:1-s"));
        assertThat(shadowed.policy(NAME).shadow()).isEqualTo(binding("a:2-s"));
        EndShadow end = new EndShadow(BLOCK, NAME);
        assertThat(events(shadowed, end)).containsExactly(new ShadowEnded(BLOCK, 4, NAME, "a:2-s"));
        assertThat(rejection(given(CREATE), end).message())
                .isEqualTo("policyName: autoscaler has no shadow");
    }

    @Test
    void endsTheShadowThatBecomesActive() {
        BlockState.Present proposed = given(CREATE, shadow("a:2-s"), passed(2), propose("a:2-s"));
        assertThat(events(proposed, passed(4)))
                .hasSize(2)
                .last()
                .isEqualTo(new ShadowEnded(BLOCK, 6, NAME, "a:2-s"));
        BlockState.Present other = given(CREATE, shadow("a:2-s"), passed(2), propose("a:3-s"));
        assertThat(events(other, passed(4))).hasSize(1);
    }

    @Test
    void rollsBackStepByStep() {
        BlockState.Present third =
                given(CREATE, propose("a:2-s"), passed(2), propose("a:3-s"), passed(4));
        RollBackPolicy rollBack = new RollBackPolicy(BLOCK, NAME, "too eager");
        assertThat(events(third, rollBack))
                .containsExactly(
                        new PolicyActivated(
                                BLOCK,
                                6,
                                NAME,
                                binding("a:2-s"),
                                ActivationCause.ROLLED_BACK,
                                "a:3-s",
                                List.of()));
        BlockState.Present second = run(third, rollBack);
        BlockState.Present first = run(second, rollBack);
        assertThat(first.policy(NAME)).isEqualTo(BlockPolicy.of(binding("a:1-s")));
        assertThat(rejection(first, rollBack).message())
                .isEqualTo(
                        "policyName: autoscaler has no earlier policy to roll back to (active:"
                                + " a:1-s)");
    }

    @Test
    void quarantinesOnlyTheActiveOneAndNeverGoesBackToIt() {
        assertThat(rejection(given(CREATE), quarantine("a:2-s")).message())
                .isEqualTo("policyUri: a:2-s (expected: the active autoscaler, a:1-s)");
        BlockState.Present quarantined = given(CREATE, quarantine("a:1-s"));
        assertThat(quarantined.policy(NAME).quarantined()).isTrue();
        assertThat(events(quarantined, quarantine("a:1-s"))).isEmpty();
        BlockState.Present replaced = run(run(quarantined, propose("a:2-s")), passed(3));
        assertThat(replaced.policy(NAME)).isEqualTo(BlockPolicy.of(binding("a:2-s")));
        BlockState.Present back =
                given(
                        CREATE,
                        propose("a:2-s"),
                        passed(2),
                        quarantine("a:2-s"),
                        new RollBackPolicy(BLOCK, NAME, null));
        assertThat(back.policy(NAME)).isEqualTo(BlockPolicy.of(binding("a:1-s")));
    }

    @Test
    void forgetsTheOldestPolicyAtTheLimit() {
        BlockState.Present block = given(CREATE);
        for (int i = 0; i <= BlockPolicy.EARLIER; i++) {
            block = run(block, propose("b:" + i + "-s"));
            block = run(block, passed(block.version()));
        }
        assertThat(block.policy(NAME).earlier())
                .hasSize(BlockPolicy.EARLIER)
                .startsWith(binding("b:0-s"));
        assertThat(block.policy(NAME).uses("a:1-s")).isFalse();
        assertThat(block.policy(NAME).uses("b:3-s")).isTrue();
    }

    @Test
    void boundsWhatACheckFound() {
        List<String> many = new ArrayList<>(Collections.nCopies(250, "line"));
        many.set(0, "x".repeat(PolicyDecider.FINDING_LENGTH + 1));
        BlockEvent event =
                events(
                                given(CREATE, propose("a:2-s")),
                                new ReportCandidate(BLOCK, NAME, 2, false, many))
                        .getFirst();
        List<String> findings = ((PolicyRefused) event).findings();
        assertThat(findings).hasSize(PolicyDecider.FINDINGS).endsWith("line", "and 151 more");
        assertThat(findings.getFirst()).hasSize(PolicyDecider.FINDING_LENGTH).endsWith("...");
    }

    private static ProposePolicy propose(String uri) {
        return new ProposePolicy(BLOCK, NAME, binding(uri), Stage.ACTIVE);
    }

    private static ProposePolicy shadow(String uri) {
        return new ProposePolicy(BLOCK, NAME, binding(uri), Stage.SHADOW);
    }

    private static ReportCandidate passed(long candidate, String... findings) {
        return new ReportCandidate(BLOCK, NAME, candidate, true, List.of(findings));
    }

    private static ReportCandidate failed(long candidate, String... findings) {
        return new ReportCandidate(BLOCK, NAME, candidate, false, List.of(findings));
    }

    private static QuarantinePolicy quarantine(String uri) {
        return new QuarantinePolicy(BLOCK, NAME, uri, "3 calls cut short");
    }

    private static BlockState.Present given(Command... commands) {
        return (BlockState.Present) after(commands);
    }

    private static BlockState.Present run(BlockState state, Command command) {
        return (BlockState.Present)
                Given.run(state, command("cmd-" + state.version() + command, command));
    }

    private static List<BlockEvent> events(BlockState state, Command command) {
        return switch (BlockDecider.decide(state, command("cmd-test", command))) {
            case Accepted<Reply>(List<BlockEvent> events, Reply _) -> events;
            case Rejected<Reply>(Rejection reason) -> throw new AssertionError(reason.message());
        };
    }

    private static Rejection rejection(BlockState state, Command command) {
        return switch (BlockDecider.decide(state, command("cmd-test", command))) {
            case Accepted<Reply> accepted -> throw new AssertionError(accepted);
            case Rejected<Reply>(Rejection reason) -> reason;
        };
    }
}
