package io.blockplane.control.core;

import io.blockplane.control.core.Decision.Accepted;
import io.blockplane.control.core.Decision.Rejected;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.Command.CreateBlock;
import io.blockplane.events.Command.ReportInstance;
import io.blockplane.events.Command.ScaleBlock;
import io.blockplane.events.Envelope;
import java.util.ArrayList;
import java.util.List;

/** Commands to decisions. */
public final class BlockDecider {

    private BlockDecider() {}

    /**
     * What a command leads to in a state. A command whose id the state remembers changes nothing,
     * whatever it says.
     */
    public static Decision<Reply> decide(BlockState state, Envelope<? extends Command> envelope) {
        if (state.commands().contains(envelope.id())) {
            return new Accepted<>(List.of(), new Reply.AlreadyDecided(envelope.id()));
        }
        Command command = envelope.event();
        return switch (state) {
            case BlockState.Absent _ ->
                    switch (command) {
                        case CreateBlock create -> create(create.spec());
                        case ScaleBlock scale -> unknown(scale);
                        case ReportInstance report -> unknown(report);
                        case Command.PolicyCommand change -> unknown(change);
                        case Command.PolicyCall call -> throw notForHere(call);
                    };
            case BlockState.Present block ->
                    switch (command) {
                        case CreateBlock _ ->
                                new Rejected<>(new Rejection.BlockExists(block.blockId()));
                        case ScaleBlock scale -> ScaleDecider.decide(block, scale);
                        case ReportInstance report -> ReportDecider.decide(block, report);
                        case Command.PolicyCommand change -> PolicyDecider.decide(block, change);
                        case Command.PolicyCall call -> throw notForHere(call);
                    };
        };
    }

    private static IllegalArgumentException notForHere(Command.PolicyCall call) {
        return new IllegalArgumentException(
                "command: %s (expected: one for the control plane, not for who runs policies)"
                        .formatted(call));
    }

    private static Decision<Reply> unknown(Command command) {
        return new Rejected<>(new Rejection.UnknownBlock(command.blockId()));
    }

    private static Decision<Reply> create(BlockSpec spec) {
        var broken = SpecRules.broken(spec);
        if (broken.isPresent()) {
            return new Rejected<>(broken.get());
        }
        List<BlockEvent> events = new ArrayList<>();
        List<String> instanceIds = new ArrayList<>();
        events.add(new BlockEvent.BlockCreated(spec.blockId(), 1, spec));
        for (int ordinal = 1; ordinal <= spec.minInstances(); ordinal++) {
            String instanceId = InstanceIds.of(spec.blockId(), ordinal);
            instanceIds.add(instanceId);
            events.add(
                    new BlockEvent.InstanceRequested(
                            spec.blockId(), 1 + ordinal, instanceId, ordinal));
        }
        return new Accepted<>(events, new Reply.Created(instanceIds));
    }
}
