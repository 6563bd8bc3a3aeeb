package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.blockplane.control.policies.BoundValues;
import io.blockplane.control.policies.PolicyRegistry;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.executor.core.Refusal;
import io.blockplane.executor.core.RoutingRules;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** What a policy must be to be given to a block. Thread safe. */
final class BindingRules {

    static final String URI_EXPECTED = "the uri of a registered policy";

    private final PolicyRegistry registry;
    private final Set<String> builtIn;

    /** Held for reading while a command names policies, for writing while one is deleted. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    BindingRules(PolicyRegistry registry, Set<String> builtIn) {
        this.registry = registry;
        this.builtIn = new TreeSet<>(builtIn);
    }

    /** A command whose policies can't be deleted while it is given. */
    interface Use<T> {
        T run() throws InterruptedException;
    }

    /** Runs it while no policy is deleted. */
    <T> T whileInUse(Use<T> body) throws InterruptedException {
        use.readLock().lockInterruptibly();
        try {
            return body.run();
        } finally {
            use.readLock().unlock();
        }
    }

    /** Runs it while no policy is given to a block. */
    <T> T whileUnused(Use<T> body) throws InterruptedException {
        use.writeLock().lockInterruptibly();
        try {
            return body.run();
        } finally {
            use.writeLock().unlock();
        }
    }

    /**
     * Refuses what may not be given to a block.
     *
     * @param name of what it decides
     * @param uriField the path of the uri in the request
     */
    void require(String name, PolicyBinding binding, String uriField) {
        String uri = binding.policyUri();
        if (PolicyEntryReader.isBuiltIn(uri)) {
            if (!builtIn.contains(uri)) {
                throw Problem.invalid(uriField, TextNode.valueOf(uri), "one of " + builtIn)
                        .refused();
            }
            requireInterval(name, binding.settings());
            requireBalancer(name, binding);
            return;
        }
        PolicyRegistered registered =
                registry.policy(uri)
                        .orElseThrow(() ->
                                Problem.invalid(uriField, TextNode.valueOf(uri), URI_EXPECTED)
                                        .refused());
        BoundValues values = new BoundValues(registered, binding);
        requireInterval(name, values.settings());
        requireBalancer(name, binding);
        String path = "policies." + name;
        Json entry = registered.entry();
        SchemaRules.require(
                entry, SchemaRules.PARAMETERS, path + ".parameters", values.parameters());
        SchemaRules.require(entry, SchemaRules.SETTINGS, path + ".settings", values.settings());
    }

    /** What of a block's policies has another value than a reader of only one place thinks. */
    ArrayNode overrides(BlockSpec spec) {
        ArrayNode overrides = EventJson.MAPPER.createArrayNode();
        spec.policies()
                .forEach((name, binding) ->
                        registry.policy(binding.policyUri())
                                .map(registered -> new BoundValues(registered, binding).overrides())
                                .orElse(List.of())
                                .forEach(replaced -> {
                                    ObjectNode override = overrides.addObject();
                                    override.put(
                                            "path", "policies." + name + "." + replaced.path());
                                    override.set("replaced", replaced.replaced().node());
                                    override.put(
                                            "by", replaced.by().name().toLowerCase(Locale.ROOT));
                                }));
        return overrides;
    }

    /** A balancer that comes along, and what protects the block beside any balancer. */
    private static void requireBalancer(String name, PolicyBinding binding) {
        if (!name.equals(RoutingRules.POLICY_NAME)) {
            return;
        }
        Refusal refusal = RoutingRules.of(binding).refusal();
        if (refusal != null) {
            throw Problem.invalid(
                            "policies." + name + "." + refusal.field(),
                            refusal.field().startsWith("policyUri")
                                    ? TextNode.valueOf(refusal.value())
                                    : Json.parse(refusal.value()).node(),
                            refusal.expected())
                    .refused();
        }
    }

    private static void requireInterval(String name, Json settings) {
        String key =
                switch (name) {
                    case "autoscaler" -> "intervalSeconds";
                    case "stabilityChecker" -> "health_check_interval";
                    default -> null;
                };
        JsonNode interval = key == null ? null : settings.object().get(key);
        if (interval != null && !(interval.isNumber() && interval.doubleValue() > 0)) {
            throw Problem.invalid(
                            "policies." + name + ".settings." + key,
                            interval,
                            "a number of seconds above 0")
                    .refused();
        }
    }
}
