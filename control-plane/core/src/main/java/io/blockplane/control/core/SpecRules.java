package io.blockplane.control.core;

import io.blockplane.control.core.Rejection.Invalid;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.Json;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a block's specification must be for any control plane, whatever components and policies it
 * knows. The field of a refusal is the path inside {@link BlockSpec}.
 */
public final class SpecRules {

    /** Longest block id, characters: a DNS label, as Kubernetes object names need it. */
    public static final int BLOCK_ID_LENGTH = 63;

    /** Most instances that a block may ask for. */
    public static final int INSTANCES = 1_000;

    /** Most policies in a block. */
    public static final int POLICIES = 32;

    /** Longest component or policy uri, characters. */
    public static final int URI_LENGTH = 255;

    private static final Pattern BLOCK_ID = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern URI = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]*");
    private static final Pattern POLICY_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");

    private SpecRules() {}

    /** The first rule that the specification breaks, in the order of its fields. */
    public static Optional<Invalid> broken(BlockSpec spec) {
        return blockId(spec.blockId())
                .or(() -> uri("componentUri", spec.componentUri()))
                .or(() -> instances(spec))
                .or(() -> object("blockInitData", spec.blockInitData()))
                .or(() -> object("initSettings", spec.initSettings()))
                .or(() -> object("parameters", spec.parameters()))
                .or(() -> policies(spec.policies()));
    }

    private static Optional<Invalid> blockId(String blockId) {
        return unless(
                blockId.length() <= BLOCK_ID_LENGTH && BLOCK_ID.matcher(blockId).matches(),
                "blockId",
                blockId,
                "1 to %d of [a-z0-9-], beginning and ending with [a-z0-9]"
                        .formatted(BLOCK_ID_LENGTH));
    }

    private static Optional<Invalid> instances(BlockSpec spec) {
        int atLeast = Math.max(1, spec.minInstances());
        return unless(
                        spec.minInstances() >= 0 && spec.minInstances() <= INSTANCES,
                        "minInstances",
                        Integer.toString(spec.minInstances()),
                        "0 to " + INSTANCES)
                .or(() ->
                        unless(
                                spec.maxInstances() >= atLeast && spec.maxInstances() <= INSTANCES,
                                "maxInstances",
                                Integer.toString(spec.maxInstances()),
                                "%d to %d, not below minInstances".formatted(atLeast, INSTANCES)));
    }

    private static Optional<Invalid> policies(Map<String, BlockSpec.PolicyBinding> policies) {
        return unless(
                        policies.size() <= POLICIES,
                        "policies",
                        policies.size() + " policies",
                        "at most " + POLICIES)
                .or(() ->
                        policies.entrySet().stream()
                                .flatMap(e -> policy(e.getKey(), e.getValue()).stream())
                                .findFirst());
    }

    /** The first rule that a policy of a block breaks. */
    static Optional<Invalid> policy(String name, BlockSpec.PolicyBinding binding) {
        String path = "policies." + name;
        return unless(
                        POLICY_NAME.matcher(name).matches(),
                        path,
                        name,
                        "a name of 1 to 63 of [A-Za-z0-9_], beginning with a letter")
                .or(() -> uri(path + ".policyUri", binding.policyUri()))
                .or(() -> object(path + ".parameters", binding.parameters()))
                .or(() -> object(path + ".settings", binding.settings()));
    }

    private static Optional<Invalid> uri(String field, String uri) {
        return unless(
                uri.length() <= URI_LENGTH && URI.matcher(uri).matches(),
                field,
                uri,
                "1 to %d of [A-Za-z0-9._:/@+-], beginning with a letter or digit"
                        .formatted(URI_LENGTH));
    }

    private static Optional<Invalid> object(String field, Json json) {
        return unless(json.text().startsWith("{"), field, json.text(), "a JSON object");
    }

    private static Optional<Invalid> unless(
            boolean holds, String field, String value, String expected) {
        return holds ? Optional.empty() : Optional.of(new Invalid(field, value, expected));
    }
}
