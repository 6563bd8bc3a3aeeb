package io.blockplane.events;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to change something: topic {@link Topic#COMMANDS}. The envelope's id makes it
 * idempotent: the same id twice changes nothing the second time.
 */
public sealed interface Command extends Event {

    String blockId();

    @Override
    default String subject() {
        return blockId();
    }

    /** Make a block. Refused when one of this id exists. */
    record CreateBlock(BlockSpec spec) implements Command {
        @Override
        @com.fasterxml.jackson.annotation.JsonIgnore
        public String blockId() {
            return spec.blockId();
        }
    }

    /**
     * Change how many instances a block has. Caused by a decision or by a person (see the
     * envelope's causation).
     *
     * @param count of UPSCALE: how many more
     * @param instanceIds of DOWNSCALE: which ones go
     */
    record ScaleBlock(
            String blockId,
            PolicyDecided.Operation operation,
            int count,
            List<String> instanceIds,
            @Nullable String reason)
            implements Command {
        public ScaleBlock {
            instanceIds = List.copyOf(instanceIds);
        }
    }

    /**
     * What a driver or an executor saw of an instance.
     *
     * @param generation which run of the instance was seen, from 1: a report of an older run
     *     changes nothing
     * @param address of READY: where it serves
     * @param exitCode of EXITED: absent when unknown
     */
    record ReportInstance(
            String blockId,
            String instanceId,
            int generation,
            Observation observation,
            @Nullable InstanceAddress address,
            @Nullable Integer exitCode,
            @Nullable String detail)
            implements Command {}

    /**
     * READY: it answers. DRAINED: the executor has no task with it any more and gives it none.
     * EXITED: it is not running.
     */
    enum Observation {
        READY,
        DRAINED,
        EXITED
    }

    /** A change of which policy decides something for a block. */
    sealed interface PolicyCommand extends Command {

        /** The name in the block's {@code policies}: {@code autoscaler}, {@code loadBalancer}... */
        String policyName();
    }

    /**
     * Let this policy decide, or let it decide beside the active one without effect, once it has
     * been checked.
     */
    record ProposePolicy(
            String blockId, String policyName, BlockSpec.PolicyBinding binding, Stage stage)
            implements PolicyCommand {}

    enum Stage {
        SHADOW,
        ACTIVE
    }

    /**
     * What the check of a proposed policy found.
     *
     * @param candidate the {@code version} of its {@link BlockEvent.PolicyProposed}
     * @param findings for people, one a line: what is wrong, or what it would have decided
     *     otherwise
     */
    record ReportCandidate(
            String blockId,
            String policyName,
            long candidate,
            boolean passed,
            List<String> findings)
            implements PolicyCommand {
        public ReportCandidate {
            findings = List.copyOf(findings);
        }
    }

    /** Let the policy decide that did before the active one. */
    record RollBackPolicy(String blockId, String policyName, @Nullable String reason)
            implements PolicyCommand {}

    /** Let no policy decide beside the active one any more. */
    record EndShadow(String blockId, String policyName) implements PolicyCommand {}

    /** The active policy is not fit to run: it broke its limits again and again. */
    record QuarantinePolicy(String blockId, String policyName, String policyUri, String reason)
            implements PolicyCommand {}

    /**
     * A call that somebody wants a policy to get. Not for the control plane: whoever runs the
     * policy takes it from the log and answers with a decision whose causation is this command.
     */
    sealed interface PolicyCall extends Command {

        /** What the policy decides. */
        PolicyDecided.Kind kind();
    }

    /** A management call, which may change what the policy decides next. */
    record ManagePolicy(String blockId, PolicyDecided.Kind kind, String action, Json data)
            implements PolicyCall {}

    /**
     * Run a failure policy once.
     *
     * @param blockId of the decision: the block that the inputs speak of, else {@value #NO_BLOCK}
     */
    record ExecuteFailurePolicy(String blockId, String policyUri, Json inputs, Json parameters)
            implements PolicyCall {

        /** In the place of a block where there is none. */
        public static final String NO_BLOCK = "failure-policies";

        @Override
        @com.fasterxml.jackson.annotation.JsonIgnore
        public PolicyDecided.Kind kind() {
            return PolicyDecided.Kind.FAILURE;
        }
    }
}
