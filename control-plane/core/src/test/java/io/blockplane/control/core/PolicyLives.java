package io.blockplane.control.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command;
import io.blockplane.events.Command.EndShadow;
import io.blockplane.events.Command.ProposePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Command.ReportCandidate;
import io.blockplane.events.Command.RollBackPolicy;
import io.blockplane.events.Command.Stage;
import io.blockplane.events.Envelope;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Random commands about policies, and what holds whatever they are. */
final class PolicyLives {

    private static final List<String> NAMES = List.of("autoscaler", "loadBalancer", "weather");

    private PolicyLives() {}

    static BlockSpec spec(SplittableRandom random, int min, int max) {
        BlockSpec bare = Given.spec(min, max);
        TreeMap<String, PolicyBinding> policies = new TreeMap<>();
        if (random.nextBoolean()) {
            policies.put("autoscaler", someBinding(random));
        }
        return new BlockSpec(
                bare.blockId(),
                bare.componentUri(),
                min,
                max,
                bare.blockInitData(),
                bare.initSettings(),
                bare.parameters(),
                policies);
    }

    static Command command(SplittableRandom random, BlockState state) {
        String name = NAMES.get(random.nextInt(20) == 0 ? 2 : random.nextInt(2));
        BlockPolicy policy =
                state instanceof BlockState.Present block ? block.policy(name) : BlockPolicy.NONE;
        return switch (random.nextInt(9)) {
            case 0, 1, 2 ->
                    new ProposePolicy(
                            Given.BLOCK,
                            name,
                            someBinding(random),
                            random.nextInt(3) == 0 ? Stage.SHADOW : Stage.ACTIVE);
            case 3, 4, 5 -> {
                Candidate candidate = policy.candidate();
                long version =
                        candidate == null || random.nextInt(5) == 0
                                ? random.nextInt(20)
                                : candidate.version();
                yield new ReportCandidate(
                        Given.BLOCK, name, version, random.nextInt(3) > 0, List.of("seen"));
            }
            case 6 -> new RollBackPolicy(Given.BLOCK, name, null);
            case 7 -> new EndShadow(Given.BLOCK, name);
            default -> {
                PolicyBinding active = policy.active();
                yield new QuarantinePolicy(
                        Given.BLOCK,
                        name,
                        active == null || random.nextInt(4) == 0
                                ? someBinding(random).policyUri()
                                : active.policyUri(),
                        "slow");
            }
        };
    }

    /** What no command may break. */
    static void assertSane(BlockState before, Envelope<Command> command, BlockState.Present block) {
        assertThat(block.policies()).doesNotContainKey("weather");
        block.policies()
                .forEach((name, policy) -> {
                    assertThat(policy.earlier()).hasSizeLessThanOrEqualTo(BlockPolicy.EARLIER);
                    if (policy.quarantined()) {
                        assertThat(policy.active()).isNotNull();
                    }
                    Candidate candidate = policy.candidate();
                    if (candidate != null) {
                        assertThat(candidate.version()).isLessThanOrEqualTo(block.version());
                    }
                    BlockPolicy was =
                            before instanceof BlockState.Present present
                                    ? present.policy(name)
                                    : BlockPolicy.NONE;
                    PolicyBinding active = policy.active();
                    if (active != null
                            && !active.equals(was.active())
                            && before instanceof BlockState.Present) {
                        assertThat(command.event())
                                .as("what makes a policy active")
                                .isInstanceOfAny(ReportCandidate.class, RollBackPolicy.class);
                        PolicyBinding shadow = policy.shadow();
                        if (shadow != null) {
                            assertThat(shadow.policyUri()).isNotEqualTo(active.policyUri());
                        }
                        assertThat(policy.quarantined()).isFalse();
                    }
                });
    }

    private static PolicyBinding someBinding(SplittableRandom random) {
        return Given.binding("p:" + random.nextInt(4) + "-stable");
    }
}
