package io.blockplane.control.core;

import io.blockplane.events.Command.Observation;
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
        INSTANCE_IDS_EXHAUSTED
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
}
