package io.blockplane.events;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a user asks for when creating a block.
 *
 * @param componentUri what its instances run: {@code builtin:embedding} for example
 * @param minInstances never fewer, a count of at least 0
 * @param maxInstances never more, a count of at least {@code minInstances}
 * @param policies by the name of what they steer: {@code autoscaler}, {@code loadBalancer}, ...
 */
public record BlockSpec(
        String blockId,
        String componentUri,
        int minInstances,
        int maxInstances,
        Json blockInitData,
        Json initSettings,
        Json parameters,
        SortedMap<String, PolicyBinding> policies) {

    public BlockSpec {
        policies = Collections.unmodifiableSortedMap(new TreeMap<>(policies));
    }

    /** A policy version in a block, with this block's own parameters and settings. */
    public record PolicyBinding(String policyUri, Json parameters, Json settings) {}
}
