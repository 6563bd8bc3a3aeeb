package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.component.OpenAiServers;
import io.blockplane.control.core.Rejection;
import io.blockplane.control.core.SpecRules;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.DecisionChain;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The body of {@code POST /api/createBlock} to a specification. Outside {@code body.spec.values}
 * unknown fields are let be ({@code head} carries what a parser of AIOSv1 wants to know); inside,
 * and inside each policy's {@code values}, they are refused.
 */
final class BlockSpecReader {

    /** Where everything stands that a block is made of. */
    private static final String VALUES = "body.spec.values";

    private static final int GENERATED_CHARACTERS = 8;

    private final Set<String> components;
    private final BindingRules bindingRules;

    /**
     * Prepares.
     *
     * @param components what instances can run, by uri
     */
    BlockSpecReader(Set<String> components, BindingRules bindingRules) {
        this.components = new TreeSet<>(components);
        this.bindingRules = bindingRules;
    }

    /**
     * Reads and checks.
     *
     * @param commandId names the block when the request does not
     */
    BlockSpec read(Fields request, String commandId) {
        Fields values = request.object("body").object("spec").object("values");
        Map<String, String> paths = new HashMap<>();
        BlockSpec spec =
                new BlockSpec(
                        values.has("blockId")
                                ? values.text("blockId", "the id of the block")
                                : generatedId(commandId),
                        values.text("blockComponentURI", "one of " + components),
                        values.number("minInstances"),
                        values.number("maxInstances"),
                        values.objectOrEmpty("blockInitData"),
                        values.objectOrEmpty("initSettings"),
                        values.objectOrEmpty("parameters"),
                        policies(values.objects("policyRulesSpec"), paths));
        values.refuseOthers();
        SpecRules.broken(spec)
                .ifPresent(broken -> {
                    throw refusal(broken, paths);
                });
        if (!components.contains(spec.componentUri())) {
            throw values.invalid("blockComponentURI", spec.componentUri(), "one of " + components);
        }
        requireServers(spec, values);
        return spec;
    }

    private SortedMap<String, PolicyBinding> policies(
            List<Fields> rules, Map<String, String> paths) {
        SortedMap<String, PolicyBinding> policies = new TreeMap<>();
        for (Fields rule : rules) {
            Fields values = rule.object("values");
            String name = values.text("name", "the name of what the policy steers");
            String uri = values.text("policyRuleURI", "the uri of a registered policy");
            PolicyBinding binding =
                    new PolicyBinding(
                            uri,
                            values.objectOrEmpty("parameters"),
                            values.objectOrEmpty("settings"));
            values.refuseOthers();
            if (policies.put(name, binding) != null) {
                throw values.invalid("name", name, "a name that stands here once");
            }
            bindingRules.require(name, binding, values.path("policyRuleURI"));
            paths.put("policies." + name, values.path("name"));
            paths.put("policies." + name + ".policyUri", values.path("policyRuleURI"));
        }
        return policies;
    }

    /** An instance without a process has its address from the block. */
    private static void requireServers(BlockSpec spec, Fields values) {
        if (spec.componentUri().equals(OpenAiServers.COMPONENT)
                && OpenAiServers.read(spec.initSettings())
                        instanceof OpenAiServers.Read.Refused(var field, var value, var expected)) {
            String path = values.path("initSettings") + "." + field;
            throw Problem.invalid(path, value, expected).refused();
        }
    }

    /** {@code blk-} and eight of [a-z0-9], the same for the same command. */
    private static String generatedId(String commandId) {
        String digits = new BigInteger(DecisionChain.sha256(commandId), 16).toString(36);
        return "blk-" + digits.substring(0, GENERATED_CHARACTERS);
    }

    /** The rule of the core, with the path in the request. */
    private static Problem.Refused refusal(Rejection.Invalid broken, Map<String, String> paths) {
        String name =
                switch (broken.field()) {
                    case "componentUri" -> "blockComponentURI";
                    case "policies" -> "policyRulesSpec";
                    default -> broken.field();
                };
        String path = paths.getOrDefault(broken.field(), VALUES + "." + name);
        return Problem.invalid(path, literal(broken.value()), broken.expected()).refused();
    }

    /** A number as it stood in the request, anything else as text. */
    private static JsonNode literal(String value) {
        return value.matches("-?[0-9]{1,10}")
                ? LongNode.valueOf(Long.parseLong(value))
                : TextNode.valueOf(value);
    }
}
