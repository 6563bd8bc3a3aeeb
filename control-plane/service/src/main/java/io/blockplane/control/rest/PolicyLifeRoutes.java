package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.core.BlockPolicy;
import io.blockplane.control.core.BlockPolicy.Candidate;
import io.blockplane.control.core.BlockState;
import io.blockplane.control.view.BlockDirectory;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockEvent.CommandRefused;
import io.blockplane.events.BlockEvent.PolicyActivated;
import io.blockplane.events.BlockEvent.PolicyProposed;
import io.blockplane.events.BlockEvent.PolicyRefused;
import io.blockplane.events.BlockEvent.PolicyShadowed;
import io.blockplane.events.BlockEvent.ShadowEnded;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.EndShadow;
import io.blockplane.events.Command.ProposePolicy;
import io.blockplane.events.Command.RollBackPolicy;
import io.blockplane.events.Command.Stage;
import io.blockplane.events.Envelope;
import io.blockplane.events.Json;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The life of a policy in a block: checked, beside the active one, active, gone back from. */
final class PolicyLifeRoutes {

    /** How often is looked whether another proposal has taken the place of this one. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final BlockDirectory directory;
    private final Commands commands;
    private final BindingRules bindingRules;
    private final Duration checkLimit;

    /**
     * Prepares.
     *
     * @param checkLimit how long a request waits for the check of what it proposes
     */
    PolicyLifeRoutes(
            BlockDirectory directory,
            Commands commands,
            BindingRules bindingRules,
            Duration checkLimit) {
        this.directory = directory;
        this.commands = commands;
        this.bindingRules = bindingRules;
        this.checkLimit = checkLimit;
    }

    List<Route> routes() {
        String policy = "/blocks/:id/policies/:name";
        return List.of(
                Route.post(policy + "/activate", request -> propose(request, Stage.ACTIVE)),
                Route.post(policy + "/shadow", request -> propose(request, Stage.SHADOW)),
                Route.post(policy + "/rollback", this::rollBack),
                Route.post(policy + "/unshadow", this::endShadow));
    }

    private Response propose(Request request, Stage stage) throws InterruptedException {
        BlockState.Present block = BlockRoutes.block(directory, request);
        String name = request.parameter("name");
        Fields body = request.json();
        PolicyBinding active = block.policy(name).active();
        PolicyBinding binding =
                new PolicyBinding(
                        body.text("policy_rule_uri", BindingRules.URI_EXPECTED),
                        own(body, "parameters", active == null ? null : active.parameters()),
                        own(body, "settings", active == null ? null : active.settings()));
        body.refuseOthers();
        String commandId = commands.id(request);
        PolicyProposed proposed =
                bindingRules.whileInUse(() -> {
                    bindingRules.require(name, binding, body.path("policy_rule_uri"));
                    return commands.submit(
                            commandId,
                            new ProposePolicy(block.blockId(), name, binding, stage),
                            PolicyProposed.class);
                });
        BlockEvent checked = checked(proposed);
        ObjectNode data = Commands.document(commandId, checked);
        data.put("candidate", proposed.version());
        data.put("policy_rule_uri", proposed.binding().policyUri());
        return switch (checked) {
            case PolicyActivated _ -> Response.success(data.put("outcome", "ACTIVE"));
            case PolicyShadowed _ -> Response.success(data.put("outcome", "SHADOW"));
            case PolicyRefused refused -> refusal(refused);
            case CommandRefused refused -> throw Commands.refusal(refused).refused();
            case BlockEvent other ->
                    throw new IllegalStateException("a check that led to " + other);
        };
    }

    /** What the request says; left out, it stays as the block's own was. */
    private static Json own(Fields body, String field, @Nullable Json before) {
        return body.has(field) || before == null ? body.objectOrEmpty(field) : before;
    }

    /** What came of the check of a proposal. */
    private BlockEvent checked(PolicyProposed proposed) throws InterruptedException {
        String blockId = proposed.blockId();
        CompletableFuture<Envelope<BlockEvent>> outcome =
                directory.outcome(blockId, "cand-" + blockId + "-" + proposed.version());
        long deadline = System.nanoTime() + checkLimit.toNanos();
        try {
            while (true) {
                boolean replaced = isReplaced(proposed);
                try {
                    return outcome.get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS).event();
                } catch (TimeoutException e) {
                    if (replaced) {
                        throw Problem.of(
                                        409,
                                        "SUPERSEDED",
                                        "candidate %d, %s, was not checked: a newer proposal took its place"
                                                .formatted(
                                                        proposed.version(),
                                                        proposed.binding().policyUri()))
                                .refused();
                    }
                    if (System.nanoTime() > deadline) {
                        throw Problem.of(
                                        504,
                                        "UNCHECKED",
                                        ("candidate %d, %s, is proposed and was not checked within"
                                                        + " %s; it may still become active. GET"
                                                        + " /blocks/%s shows what comes of it")
                                                .formatted(
                                                        proposed.version(),
                                                        proposed.binding().policyUri(),
                                                        checkLimit,
                                                        blockId))
                                .refused();
                    }
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an outcome never fails", e);
        } finally {
            outcome.cancel(false);
        }
    }

    private boolean isReplaced(PolicyProposed proposed) {
        Optional<BlockPolicy> policy =
                directory.block(proposed.blockId()).map(b -> b.policy(proposed.policyName()));
        Candidate candidate = policy.map(BlockPolicy::candidate).orElse(null);
        return candidate == null || candidate.version() != proposed.version();
    }

    private static Response refusal(PolicyRefused refused) {
        String first = refused.findings().isEmpty() ? "" : ": " + refused.findings().getFirst();
        Problem problem =
                new Problem(
                        422,
                        "CANDIDATE_REFUSED",
                        "policy_rule_uri",
                        TextNode.valueOf(refused.policyUri()),
                        null,
                        refused.policyUri() + " did not pass its check" + first);
        return problem.response(error -> {
            error.put("candidate", refused.candidate());
            refused.findings().forEach(error.putArray("findings")::add);
        });
    }

    private Response rollBack(Request request) throws InterruptedException {
        BlockState.Present block = BlockRoutes.block(directory, request);
        Fields body = request.json();
        String reason = BlockRoutes.reason(body);
        body.refuseOthers();
        return Response.success(
                commands.answer(
                        commands.id(request),
                        new RollBackPolicy(block.blockId(), request.parameter("name"), reason),
                        PolicyActivated.class));
    }

    private Response endShadow(Request request) throws InterruptedException {
        BlockState.Present block = BlockRoutes.block(directory, request);
        request.json().refuseOthers();
        return Response.success(
                commands.answer(
                        commands.id(request),
                        new EndShadow(block.blockId(), request.parameter("name")),
                        ShadowEnded.class));
    }
}
