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
}
