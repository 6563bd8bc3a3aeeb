package io.blockplane.control.policies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The parameters and settings that a policy gets in a block: the registry's, the block's on top,
 * and last the settings that the host puts in.
 */
public final class BoundValues {

    /** Settings that the host puts in, whatever stands there. */
    public static final Set<String> INJECTED = Set.of("block_data", "cluster_data", "get_metrics");

    private final PolicyRegistered registered;
    private final PolicyBinding binding;

    public BoundValues(PolicyRegistered registered, PolicyBinding binding) {
        this.registered = registered;
        this.binding = binding;
    }

    /** Who has the last word on a key. */
    public enum By {
        BLOCK,
        HOST
    }

    /**
     * A value that another one takes the place of.
     *
     * @param path {@code parameters.<key>} or {@code settings.<key>}
     */
    public record Replaced(String path, Json replaced, By by) {}

    public Json parameters() {
        return merged(registered.parameters(), binding.parameters());
    }

    /** Without what the host puts in. */
    public Json settings() {
        return merged(registered.settings(), binding.settings());
    }

    /** In the order of their paths. */
    public List<Replaced> overrides() {
        SortedMap<String, Replaced> overrides = new TreeMap<>();
        replaced("parameters", registered.parameters(), binding.parameters(), overrides);
        replaced("settings", registered.settings(), binding.settings(), overrides);
        settings()
                .object()
                .properties()
                .forEach(setting -> {
                    if (INJECTED.contains(setting.getKey())) {
                        String path = "settings." + setting.getKey();
                        overrides.put(
                                path, new Replaced(path, Json.of(setting.getValue()), By.HOST));
                    }
                });
        return new ArrayList<>(overrides.values());
    }

    /** The values of the second on top of those of the first, key by key. */
    public static Json merged(Json registry, Json block) {
        ObjectNode merged = registry.object();
        merged.setAll(block.object());
        return Json.of(merged);
    }

    private static void replaced(
            String where, Json registry, Json block, SortedMap<String, Replaced> overrides) {
        ObjectNode defaults = registry.object();
        block.object()
                .properties()
                .forEach(own -> {
                    JsonNode before = defaults.get(own.getKey());
                    if (before != null && !before.equals(own.getValue())) {
                        String path = where + "." + own.getKey();
                        overrides.put(path, new Replaced(path, Json.of(before), By.BLOCK));
                    }
                });
    }
}
