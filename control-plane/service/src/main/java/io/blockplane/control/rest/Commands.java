package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.command.CommandGateway;
import io.blockplane.control.command.CommandGateway.Outcome;
import io.blockplane.control.core.Rejection;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.Command;
import io.blockplane.events.EventJson;
import java.time.Duration;
import java.util.function.Supplier;

/** Commands of requests, and what is answered to them. */
final class Commands {

    private final CommandGateway gateway;
    private final Supplier<String> newIds;

    /**
     * Prepares.
     *
     * @param newIds ids for commands whose client gives none
     */
    Commands(CommandGateway gateway, Supplier<String> newIds) {
        this.gateway = gateway;
        this.newIds = newIds;
    }

    /** The id of the command that a request makes. */
    String id(Request request) {
        return request.commandId(newIds);
    }

    /** The event that a command led to, with the command's id. */
    ObjectNode answer(String commandId, Command command, Class<? extends BlockEvent> expected)
            throws InterruptedException {
        return document(commandId, submit(commandId, command, expected));
    }

    /**
     * Returns the event that a command led to, and refuses the request when that is no event of the
     * expected type.
     */
    <E extends BlockEvent> E submit(String commandId, Command command, Class<E> expected)
            throws InterruptedException {
        return switch (gateway.submit(commandId, command)) {
            case Outcome.Decided decided -> {
                BlockEvent event = decided.event().event();
                if (event instanceof CommandRefused refused) {
                    throw refusal(refused).refused();
                }
                if (!expected.isInstance(event)) {
                    throw Problem.invalid(
                                    Request.IDEMPOTENCY_KEY,
                                    EventJson.MAPPER.getNodeFactory().textNode(commandId),
                                    "a key that no other command had")
                            .refused();
                }
                yield expected.cast(event);
            }
            case Outcome.Undecided undecided ->
                    throw undecided(undecided.commandId(), undecided.waited()).refused();
            case Outcome.Unwritten unwritten ->
                    throw unwritten(unwritten.commandId(), unwritten.reason()).refused();
        };
    }

    static ObjectNode document(String commandId, BlockEvent event) {
        ObjectNode data = EventJson.MAPPER.createObjectNode();
        data.put("commandId", commandId);
        data.setAll((ObjectNode) EventJson.MAPPER.valueToTree(event));
        return data;
    }

    static Problem undecided(String commandId, Duration waited) {
        return Problem.of(
                504,
                "UNDECIDED",
                "command "
                        + commandId
                        + " is in the log and was not decided within "
                        + waited
                        + "; it may still take effect. Ask again with it as "
                        + Request.IDEMPOTENCY_KEY);
    }

    static Problem unwritten(String commandId, String reason) {
        return Problem.of(
                503,
                "LOG_UNAVAILABLE",
                "command " + commandId + " could not be written: " + reason);
    }

    static Problem refusal(CommandRefused refused) {
        return new Problem(
                status(refused.code()),
                refused.code(),
                refused.field(),
                null,
                null,
                refused.message());
    }

    private static int status(String code) {
        for (Rejection.Code known : Rejection.Code.values()) {
            if (known.name().equals(code)) {
                return switch (known) {
                    case INVALID -> 400;
                    case UNKNOWN_BLOCK, UNKNOWN_INSTANCE, UNKNOWN_POLICY_NAME -> 404;
                    case BLOCK_EXISTS,
                            STALE_REPORT,
                            IMPOSSIBLE_REPORT,
                            INSTANCE_IDS_EXHAUSTED,
                            STALE_CANDIDATE,
                            ALREADY_ACTIVE,
                            NOT_ACTIVE,
                            NO_SHADOW,
                            NOTHING_TO_ROLL_BACK_TO ->
                            409;
                };
            }
        }
        // A newer control plane refused it for a reason that this one does not know.
        return 409;
    }
}
