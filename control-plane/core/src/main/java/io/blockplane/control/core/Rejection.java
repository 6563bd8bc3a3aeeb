package io.blockplane.control.core;

import io.blockplane.events.Command.Observation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Why a command is refused: a value, never thrown. */
public sealed interface Rejection {

    /** A stable word for programs. */
    Code code();

    /** The path of the field at fault inside the command; null when it is none. */
    @Nullable String field();

    /** For people: the field, the value and what was expected. */
    String message();

    /** The words that stand in {@code CommandRefused.code}. A word is never taken back. */
    enum Code {
        INVALID,
        BLOCK_EXISTS,
        UNKNOWN_BLOCK,
        UNKNOWN_INSTANCE,
        STALE_REPORT,
        IMPOSSIBLE_REPORT,
        INSTANCE_IDS_EXHAUSTED,
        UNKNOWN_POLICY_NAME,
        STALE_CANDIDATE,
        ALREADY_ACTIVE,
        NOT_ACTIVE,
        NO_SHADOW,
        NOTHING_TO_ROLL_BACK_TO
    }

    /** A field has a value that it may not have. */
    record Invalid(String field, String value, String expected) implements Rejection {
        @Override
        public Code code() {
            return Code.INVALID;
        }

        @Override
        public String message() {
            return field + ": " + value + " (expected: " + expected + ")";
        }
    }

    /** There is a block of this id. */
    record BlockExists(String blockId) implements Rejection {
        @Override
        public Code code() {
            return Code.BLOCK_EXISTS;
        }

        @Override
        public String field() {
            return "blockId";
        }

        @Override
        public String message() {
            return "blockId: " + blockId + " (expected: an id that no block has)";
        }
    }

    /** There is no block of this id. */
    record UnknownBlock(String blockId) implements Rejection {
        @Override
        public Code code() {
            return Code.UNKNOWN_BLOCK;
        }

        @Override
        public String field() {
            return "blockId";
        }

        @Override
        public String message() {
            return "blockId: " + blockId + " (expected: the id of a block)";
        }
    }

    /** A report about an instance that the block does not have (any more). */
    record UnknownInstance(String blockId, String instanceId) implements Rejection {
        @Override
        public Code code() {
            return Code.UNKNOWN_INSTANCE;
        }

        @Override
        public String field() {
            return "instanceId";
        }

        @Override
        public String message() {
            return "instanceId: "
                    + instanceId
                    + " (expected: an instance that block "
                    + blockId
                    + " has)";
        }
    }

    /** A report that came after what made it void. */
    record StaleReport(String instanceId, Observation observation, String because)
            implements Rejection {
        @Override
        public Code code() {
            return Code.STALE_REPORT;
        }

        @Override
        public String field() {
            return "observation";
        }

        @Override
        public String message() {
            return "observation: " + observation + " of " + instanceId + " is too late: " + because;
        }
    }

    /** A report that cannot be true: whoever wrote it has lost track. */
    record ImpossibleReport(String instanceId, Observation observation, String because)
            implements Rejection {
        @Override
        public Code code() {
            return Code.IMPOSSIBLE_REPORT;
        }

        @Override
        public String field() {
            return "observation";
        }

        @Override
        public String message() {
            return "observation: " + observation + " of " + instanceId + " cannot be: " + because;
        }
    }

    /** The block has had as many instances as there are ids. */
    record InstanceIdsExhausted(String blockId) implements Rejection {
        @Override
        public Code code() {
            return Code.INSTANCE_IDS_EXHAUSTED;
        }

        @Override
        public @Nullable String field() {
            return null;
        }

        @Override
        public String message() {
            return "block "
                    + blockId
                    + " has used up its "
                    + InstanceIds.COUNT
                    + " instance ids: create another block";
        }
    }

    /** Policies decide nothing of this name. */
    record UnknownPolicyName(String policyName, List<String> known) implements Rejection {
        public UnknownPolicyName {
            known = List.copyOf(known);
        }

        @Override
        public Code code() {
            return Code.UNKNOWN_POLICY_NAME;
        }

        @Override
        public String field() {
            return "policyName";
        }

        @Override
        public String message() {
            return "policyName: " + policyName + " (expected: one of " + known + ")";
        }
    }

    /** A report of a check that was for nothing: of a proposal that was replaced or decided. */
    record StaleCandidate(String policyName, long candidate, @Nullable Long underCheck)
            implements Rejection {
        @Override
        public Code code() {
            return Code.STALE_CANDIDATE;
        }

        @Override
        public String field() {
            return "candidate";
        }

        @Override
        public String message() {
            return "candidate: "
                    + candidate
                    + " of "
                    + policyName
                    + " (expected: "
                    + (underCheck == null
                            ? "one under check, and none is"
                            : underCheck + ", the one under check")
                    + ")";
        }
    }

    /** What is proposed decides already, with the same parameters and settings. */
    record AlreadyActive(String policyName, String policyUri) implements Rejection {
        @Override
        public Code code() {
            return Code.ALREADY_ACTIVE;
        }

        @Override
        public String field() {
            return "binding";
        }

        @Override
        public String message() {
            return "binding: "
                    + policyUri
                    + " is active as "
                    + policyName
                    + " with these parameters and settings (expected: something else)";
        }
    }

    /** The policy to be quarantined is not the one that decides. */
    record NotActive(String policyName, String policyUri, @Nullable String active)
            implements Rejection {
        @Override
        public Code code() {
            return Code.NOT_ACTIVE;
        }

        @Override
        public String field() {
            return "policyUri";
        }

        @Override
        public String message() {
            return "policyUri: "
                    + policyUri
                    + " (expected: the active "
                    + policyName
                    + ", "
                    + (active == null ? "and there is none" : active)
                    + ")";
        }
    }

    /** There is no shadow to end. */
    record NoShadow(String policyName) implements Rejection {
        @Override
        public Code code() {
            return Code.NO_SHADOW;
        }

        @Override
        public String field() {
            return "policyName";
        }

        @Override
        public String message() {
            return "policyName: " + policyName + " has no shadow";
        }
    }

    /** No policy decided before the active one. */
    record NothingToRollBackTo(String policyName, @Nullable String active) implements Rejection {
        @Override
        public Code code() {
            return Code.NOTHING_TO_ROLL_BACK_TO;
        }

        @Override
        public String field() {
            return "policyName";
        }

        @Override
        public String message() {
            return "policyName: "
                    + policyName
                    + " has no earlier policy to roll back to (active: "
                    + (active == null ? "none" : active)
                    + ")";
        }
    }
}
