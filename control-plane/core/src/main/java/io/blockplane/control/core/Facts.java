package io.blockplane.control.core;

import io.blockplane.events.BlockEvent;
import io.blockplane.events.Command;
import io.blockplane.events.Envelope;
import java.util.List;

/** What goes into the log for a decision. */
public final class Facts {

    private Facts() {}

    /**
     * The events of a decision, refusals too, with what ties them to their command. Their ids
     * follow from the block's version or from the command's id, their time is the command's.
     *
     * @param state that the command was decided in
     */
    public static List<Envelope<BlockEvent>> of(
            BlockState state,
            Envelope<? extends Command> command,
            Decision<Reply> decision,
            String source) {
        return switch (decision) {
            case Decision.Accepted<Reply>(List<BlockEvent> events, Reply _) ->
                    events.stream()
                            .map(e ->
                                    envelope(
                                            "evt-" + e.blockId() + "-" + e.version(),
                                            command,
                                            e,
                                            source))
                            .toList();
            case Decision.Rejected<Reply>(Rejection reason) ->
                    List.of(
                            envelope(
                                    "ref-" + command.id(),
                                    command,
                                    new BlockEvent.CommandRefused(
                                            command.event().blockId(),
                                            state.version(),
                                            command.id(),
                                            reason.code().name(),
                                            reason.field(),
                                            reason.message()),
                                    source));
        };
    }

    private static Envelope<BlockEvent> envelope(
            String id, Envelope<? extends Command> command, BlockEvent event, String source) {
        return new Envelope<>(
                id, source, command.timeMs(), command.correlationId(), command.id(), event);
    }
}
