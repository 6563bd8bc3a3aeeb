package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.command.CallGateway;
import io.blockplane.control.command.CallGateway.Outcome;
import io.blockplane.control.core.BlockPolicy;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.policies.BoundValues;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ExecuteFailurePolicy;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Calls that somebody wants a policy to get: management calls and failure policies. Each is a
 * command in the log, answered by the decision that it leads to.
 */
final class PolicyCallRoutes {

    private static final String ACTION = "mgmt_action";
    private static final String ACTION_REQUIRED = "mgmt_action is required";
    private static final String PARAMETERS_MISSING = "Missing required parameters";

    private final BlockDirectory directory;
    private final CallGateway gateway;
    private final Function<String, Optional<PolicyRegistered>> policies;
    private final Supplier<String> newIds;

    /** What is managed under an AIOSv1 path and port. */
    enum Component {
        EXECUTOR("loadBalancer", Kind.ROUTE),
        AUTOSCALER("autoscaler", Kind.SCALE),
        HEALTH_CHECKER("stabilityChecker", Kind.HEALTH);

        private final String policyName;
        private final Kind kind;

        Component(String policyName, Kind kind) {
            this.policyName = policyName;
            this.kind = kind;
        }

        /** Its names in the path of a block. */
        private List<String> paths() {
            return switch (this) {
                case EXECUTOR -> List.of("executor");
                case AUTOSCALER -> List.of("autoscaler");
                case HEALTH_CHECKER -> List.of("health-checker", "health");
            };
        }
    }

    /**
     * Prepares.
     *
     * @param policies by uri
     * @param newIds ids for commands whose client gives none
     */
    PolicyCallRoutes(
            BlockDirectory directory,
            CallGateway gateway,
            Function<String, Optional<PolicyRegistered>> policies,
            Supplier<String> newIds) {
        this.directory = directory;
        this.gateway = gateway;
        this.policies = policies;
        this.newIds = newIds;
    }

    /** Under the paths of all blocks. */
    List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        for (Component component : Component.values()) {
            for (String path : component.paths()) {
                routes.add(
                        Route.post(
                                "/block/:id/" + path + "/mgmt",
                                request -> manage(request, request.parameter("id"), component)));
            }
        }
        routes.addAll(failureRoutes());
        return routes;
    }

    /** On a port of its own, where the block stands in a header. */
    List<Route> routes(Component component) {
        return List.of(
                Route.post("/mgmt", request -> manage(request, blockOf(request), component)));
    }

    List<Route> failureRoutes() {
        return List.of(Route.post("/executeFailurePolicy", this::executeFailurePolicy));
    }

    private Response manage(Request request, String blockId, Component component)
            throws InterruptedException {
        Fields body = request.json();
        JsonNode action = body.optional(ACTION);
        if (action == null || !action.isTextual() || action.textValue().isEmpty()) {
            throw new Problem(400, "INVALID", ACTION, action, "a text", ACTION_REQUIRED).refused();
        }
        JsonNode data = body.optional("mgmt_data");
        requireManageable(blockId, component);
        return answer(
                request.commandId(newIds),
                new ManagePolicy(
                        blockId,
                        component.kind,
                        action.textValue(),
                        data == null ? Json.EMPTY_OBJECT : Json.of(data)));
    }

    private void requireManageable(String blockId, Component component) {
        BlockPolicy policy =
                directory
                        .block(blockId)
                        .orElseThrow(() ->
                                Problem.notFound("UNKNOWN_BLOCK", "id", blockId, "Block not found")
                                        .refused())
                        .policy(component.policyName);
        PolicyBinding active = policy.active();
        if (active == null) {
            throw Problem.notFound(
                            "NO_POLICY",
                            "policies." + component.policyName,
                            blockId,
                            "block " + blockId + " has no " + component.policyName + " policy")
                    .refused();
        }
        if (PolicyEntryReader.isBuiltIn(active.policyUri())) {
            throw Problem.of(
                            409,
                            "NOT_MANAGEABLE",
                            component.policyName
                                    + " of block "
                                    + blockId
                                    + " is "
                                    + active.policyUri()
                                    + ", which takes no management calls")
                    .refused();
        }
        if (policy.quarantined()) {
            throw Problem.of(
                            409,
                            "QUARANTINED",
                            component.policyName
                                    + " of block "
                                    + blockId
                                    + ", "
                                    + active.policyUri()
                                    + ", is quarantined: it is not run. Activate another one, or"
                                    + " roll back")
                    .refused();
        }
    }

    /** The block that a header names, else the only one that there is. */
    private String blockOf(Request request) {
        String named = request.serviceName();
        if (named != null) {
            return named;
        }
        List<String> blocks = directory.blocks().stream().map(BlockState.Present::blockId).toList();
        if (blocks.size() == 1) {
            return blocks.getFirst();
        }
        throw Problem.invalid(Request.SERVICE_NAME, null, "one of " + blocks).refused();
    }

    private Response executeFailurePolicy(Request request) throws InterruptedException {
        Fields body = request.json();
        for (String name : List.of("failure_policy_id", "inputs", "parameters")) {
            JsonNode value = body.optional(name);
            if (value == null || value.isNull()) {
                throw new Problem(400, "INVALID", name, null, null, PARAMETERS_MISSING).refused();
            }
        }
        String uri = body.text("failure_policy_id", "the uri of a registered policy");
        PolicyRegistered policy =
                policies.apply(uri)
                        .orElseThrow(() ->
                                Problem.notFound(
                                                "UNKNOWN_POLICY",
                                                "failure_policy_id",
                                                uri,
                                                "failure_policy_id: " + uri + " is not registered")
                                        .refused());
        JsonNode inputs = body.any("inputs");
        Json parameters = body.object("parameters").all();
        SchemaRules.require(policy.entry(), SchemaRules.INPUT, "inputs", Json.of(inputs));
        SchemaRules.require(
                policy.entry(),
                SchemaRules.PARAMETERS,
                "parameters",
                BoundValues.merged(policy.parameters(), parameters));
        return answer(
                request.commandId(newIds),
                new ExecuteFailurePolicy(
                        concerned(inputs), uri, Json.of(inputs), body.object("parameters").all()));
    }

    /** The block that the inputs speak of, so that the decision stands beside its others. */
    private String concerned(JsonNode inputs) {
        return Optional.of(inputs.path("block_id"))
                .map(JsonNode::textValue)
                .filter(id -> directory.block(id).isPresent())
                .orElse(ExecuteFailurePolicy.NO_BLOCK);
    }

    private Response answer(String commandId, PolicyCall call) throws InterruptedException {
        return switch (gateway.submit(commandId, call)) {
            case Outcome.Answered(PolicyDecided decided) -> answer(decided);
            case Outcome.Unanswered unanswered ->
                    throw Problem.of(
                                    504,
                                    "UNANSWERED",
                                    "command "
                                            + unanswered.commandId()
                                            + " is in the log and no policy answered it within "
                                            + unanswered.waited()
                                            + "; it may still be executed. Ask again with it as "
                                            + Request.IDEMPOTENCY_KEY)
                            .refused();
            case Outcome.Unwritten unwritten ->
                    throw Commands.unwritten(unwritten.commandId(), unwritten.reason()).refused();
        };
    }

    private static Response answer(PolicyDecided decided) {
        Json output = decided.output();
        return switch (decided.outcome()) {
            case RETURNED -> Response.success(output == null ? NullNode.instance : output.node());
            case RAISED, UNUSABLE, TIMED_OUT, BROKEN -> {
                String error = decided.error();
                throw new Problem(
                                500,
                                "POLICY_" + decided.outcome().name(),
                                null,
                                TextNode.valueOf(decided.id()),
                                null,
                                error == null ? decided.outcome().name() : error)
                        .refused();
            }
        };
    }
}
