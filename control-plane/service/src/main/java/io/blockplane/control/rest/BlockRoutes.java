package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.core.Instance;
import io.blockplane.control.core.SpecRules;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockEvent.BlockCreated;
import io.blockplane.events.BlockEvent.ScaleApplied;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Command;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided.Operation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Blocks: made, shown, scaled. */
public final class BlockRoutes {

    /** Longest reason of a person's scale command, characters. */
    private static final int REASON_LENGTH = 1_000;

    private final BlockDirectory directory;
    private final Commands commands;
    private final BlockSpecReader specReader;
    private final BindingRules bindingRules;

    BlockRoutes(
            BlockDirectory directory,
            Commands commands,
            BlockSpecReader specReader,
            BindingRules bindingRules) {
        this.directory = directory;
        this.commands = commands;
        this.specReader = specReader;
        this.bindingRules = bindingRules;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/api/createBlock", this::create),
                Route.post("/blocks", this::create),
                Route.get("/blocks", _ -> list()),
                Route.get("/blocks/:id", this::show),
                Route.post("/blocks/:id/scale", this::scale));
    }

    /** What the blocks DB of AIOSv1 answers to those who only read. */
    List<Route> readRoutes() {
        return List.of(Route.get("/blocks", _ -> list()), Route.get("/blocks/:id", this::show));
    }

    private Response create(Request request) throws InterruptedException {
        String commandId = commands.id(request);
        return bindingRules.whileInUse(() -> {
            BlockSpec spec = specReader.read(request.json(), commandId);
            ObjectNode data =
                    commands.answer(commandId, new Command.CreateBlock(spec), BlockCreated.class);
            data.set("overrides", bindingRules.overrides(spec));
            return Response.success(data);
        });
    }

    private Response list() {
        ArrayNode blocks = EventJson.MAPPER.createArrayNode();
        directory.blocks().forEach(block -> blocks.add(document(block)));
        return Response.bare(blocks);
    }

    private Response show(Request request) {
        return Response.bare(document(block(directory, request)));
    }

    private Response scale(Request request) throws InterruptedException {
        String blockId = block(directory, request).blockId();
        return Response.success(
                commands.answer(
                        commands.id(request),
                        scaleCommand(blockId, request.json()),
                        ScaleApplied.class));
    }

    static BlockState.Present block(BlockDirectory directory, Request request) {
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

    static @Nullable String reason(Fields request) {
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

    private static ObjectNode document(BlockState.Present block) {
        ObjectNode document = BlockDocument.of(block.currentSpec());
        document.put("version", block.version());
        ObjectNode states = document.putObject("policyStates");
        block.policies().forEach((name, policy) -> states.set(name, PolicyStates.document(policy)));
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
