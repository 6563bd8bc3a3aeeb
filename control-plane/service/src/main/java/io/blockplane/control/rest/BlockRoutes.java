package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.command.CommandGateway;
import io.blockplane.control.command.CommandGateway.Outcome;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Rejection;
import io.blockplane.control.core.SpecRules;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.Command;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Blocks: made, shown, scaled. */
public final class BlockRoutes {

    /** Longest reason of a person's scale command, characters. */
    private static final int REASON_LENGTH = 1_000;

    private final BlockDirectory directory;
    private final CommandGateway gateway;
    private final BlockSpecReader specReader;
    private final Supplier<String> newIds;

    BlockRoutes(
            BlockDirectory directory,
            CommandGateway gateway,
            BlockSpecReader specReader,
            Supplier<String> newIds) {
        this.directory = directory;
        this.gateway = gateway;
        this.specReader = specReader;
        this.newIds = newIds;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/api/createBlock", this::create),
                Route.get("/blocks", _ -> list()),
                Route.get("/blocks/:id", this::show),
                Route.post("/blocks/:id/scale", this::scale));
    }

    private Response create(Request request) throws InterruptedException {
        String commandId = request.commandId(newIds);
        var spec = specReader.read(request.json(), commandId);
        return answer(commandId, new Command.CreateBlock(spec), BlockCreated.class);
    }

    private Response list() {
        ArrayNode blocks = EventJson.MAPPER.createArrayNode();
        directory.blocks().forEach(block -> blocks.add(document(block)));
        return Response.bare(blocks);
    }

    private Response show(Request request) {
        return Response.bare(document(block(request)));
    }

    private Response scale(Request request) throws InterruptedException {
        String blockId = block(request).blockId();
        String commandId = request.commandId(newIds);
        return answer(commandId, scaleCommand(blockId, request.json()), ScaleApplied.class);
    }

    private BlockState.Present block(Request request) {
        String blockId = request.parameter("id");
        Optional<BlockState.Present> block = directory.block(blockId);
        return block.orElseThrow(() ->
                Problem.notFound("UNKNOWN_BLOCK", "id", blockId, "Block not found").refused());
    }

    private static Command.ScaleBlock scaleCommand(String blockId, Fields request) {
        String expected = "upscale or downscale";
        String operation = request.text("operation", expected);
        String reason = reason(request);
        return switch (operation) {
            case "upscale" -> {
                int count = request.number("instances_count");
                if (count < 1 || count > SpecRules.INSTANCES) {
                    throw request.invalid(
                            "instances_count",
                            request.any("instances_count"),
                            "1 to " + SpecRules.INSTANCES);
                }
                request.refuseOthers();
                yield new Command.ScaleBlock(blockId, Operation.UPSCALE, count, List.of(), reason);
            }
            case "downscale" -> {
                List<String> ids = request.texts("instances_list");
                if (ids.isEmpty() || ids.size() > SpecRules.INSTANCES) {
                    throw request.invalid(
                            "instances_list",
                            request.optional("instances_list"),
                            "1 to " + SpecRules.INSTANCES + " instance ids");
                }
                request.refuseOthers();
                yield new Command.ScaleBlock(blockId, Operation.DOWNSCALE, 0, ids, reason);
            }
            default -> throw request.invalid("operation", operation, expected);
        };
    }

    private static @Nullable String reason(Fields request) {
        String expected = "at most " + REASON_LENGTH + " characters";
        if (!request.has("reason")) {
            return null;
        }
        String reason = request.text("reason", expected);
        if (reason.length() > REASON_LENGTH) {
            throw request.invalid("reason", reason, expected);
        }
        return reason;
    }

    private Response answer(String commandId, Command command, Class<? extends BlockEvent> expected)
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
                ObjectNode data = EventJson.MAPPER.createObjectNode();
                data.put("commandId", commandId);
                data.setAll((ObjectNode) EventJson.MAPPER.valueToTree(event));
                yield Response.success(data);
            }
            case Outcome.Undecided undecided ->
                    throw Problem.of(
                                    504,
                                    "UNDECIDED",
                                    "command "
                                            + undecided.commandId()
                                            + " is in the log and was not decided within "
                                            + undecided.waited()
                                            + "; it may still take effect. Ask again with it as "
                                            + Request.IDEMPOTENCY_KEY)
                            .refused();
            case Outcome.Unwritten unwritten ->
                    throw Problem.of(
                                    503,
                                    "LOG_UNAVAILABLE",
                                    "command "
                                            + unwritten.commandId()
                                            + " could not be written: "
                                            + unwritten.reason())
                            .refused();
        };
    }

    private static Problem refusal(CommandRefused refused) {
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
                    case UNKNOWN_BLOCK, UNKNOWN_INSTANCE -> 404;
                    case BLOCK_EXISTS, STALE_REPORT, IMPOSSIBLE_REPORT, INSTANCE_IDS_EXHAUSTED ->
                            409;
                };
            }
        }
        // A newer control plane refused it for a reason that this one does not know.
        return 409;
    }

    private static ObjectNode document(BlockState.Present block) {
        ObjectNode document = BlockDocument.of(block.spec());
        document.put("version", block.version());
        ArrayNode instances = document.putArray("instances");
        for (Instance instance : block.instances()) {
            ObjectNode entry = instances.addObject();
            entry.put("instanceId", instance.instanceId());
            entry.put("state", instance.phase().name());
            entry.put("generation", instance.generation());
            entry.set("address", EventJson.MAPPER.valueToTree(instance.address()));
        }
        return document;
    }
}
