package io.blockplane.simulator;

import io.blockplane.control.core.BlockDecider;
import io.blockplane.control.core.BlockReplay;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Decision;
import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Reply;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.Envelope;
import io.blockplane.executor.core.InstanceSet;
import java.util.List;
import java.util.function.Predicate;

/** The production control plane's core, one block of it, without a log between. */
final class ControlPlane {

    private static final String SOURCE = "/simulator";

    private final String blockId;
    private BlockState state = BlockState.absent();
    private InstanceSet instances = InstanceSet.EMPTY;
    private long commands;
    private long events;

    ControlPlane(String blockId) {
        this.blockId = blockId;
    }

    /** What a command did. */
    sealed interface Done {

        record Accepted(List<BlockEvent> events, Reply reply) implements Done {}

        record Refused(String reason) implements Done {}
    }

    /** Decides a command and lets its events take effect. */
    Done apply(Command command, long nowMs) {
        String id = "cmd-" + blockId + "-" + commands++;
        Envelope<Command> envelope = new Envelope<>(id, SOURCE, nowMs, id, null, command);
        return switch (BlockDecider.decide(state, envelope)) {
            case Decision.Rejected<Reply> rejected -> new Done.Refused(rejected.reason().message());
            case Decision.Accepted<Reply>(List<BlockEvent> decided, Reply reply) -> {
                for (BlockEvent event : decided) {
                    state =
                            BlockReplay.replay(
                                    state,
                                    new Envelope<>(
                                            "evt-" + events++, SOURCE, nowMs, id, id, event));
                    instances = instances.apply(event);
                }
                yield new Done.Accepted(decided, reply);
            }
        };
    }

    /** As the executor folds it. */
    InstanceSet instances() {
        return instances;
    }

    BlockSpec spec() {
        return present().currentSpec();
    }

    int wanted() {
        return present().wanted();
    }

    /** Ids of the instances that are wanted and such, sorted. */
    List<String> wanted(Predicate<Instance> such) {
        return present().instances().stream()
                .filter(Instance::wanted)
                .filter(such)
                .map(Instance::instanceId)
                .sorted()
                .toList();
    }

    private BlockState.Present present() {
        return switch (state) {
            case BlockState.Present present -> present;
            case BlockState.Absent _ -> throw new IllegalStateException("no block " + blockId);
        };
    }
}
