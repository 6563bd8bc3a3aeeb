package io.blockplane.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.PolicyVersion;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.policy.format.PolicyArchive;
import org.jspecify.annotations.Nullable;

/**
 * Which policy decides what for a block, and with which parameters.
 *
 * @param lane which of several policy objects of this block and kind; null: the only one that acts
 * @param version what is recorded as run; its hash is the archive's
 * @param parameters a JSON object, given to the policy and to each of its calls
 * @param settings a JSON object; the host adds the surroundings and {@code get_metrics}, which
 *     nobody can override
 * @param surroundings a JSON object with what the policy is told of its block when its object is
 *     made: {@code block_data} and {@code cluster_data}. Recorded as the input of INIT. Other
 *     surroundings don't make it another assignment: a block's document changes, and the policy's
 *     state must not be thrown away for that
 * @param schemas what its inputs and outputs have to look like; they belong to the version
 */
public record PolicyAssignment(
        String blockId,
        Kind kind,
        @Nullable String lane,
        PolicyVersion version,
        PolicyArchive archive,
        Json parameters,
        Json settings,
        Json surroundings,
        Schemas schemas) {

    /**
     * JSON Schemas of a version.
     *
     * @param input of the {@code input_data} of an evaluation
     * @param output of the result of an evaluation
     */
    public record Schemas(Json input, Json output) {

        /** Everything is allowed. */
        public static final Schemas NONE = new Schemas(Json.EMPTY_OBJECT, Json.EMPTY_OBJECT);

        /** Those in a registry entry; what is not there or no object allows everything. */
        public static Schemas ofEntry(Json entry) {
            return new Schemas(
                    schema(entry, "policy_input_schema"), schema(entry, "policy_output_schema"));
        }

        private static Json schema(Json entry, String field) {
            JsonNode schema = entry.node().path(field);
            return schema.isObject() ? Json.of(schema) : Json.EMPTY_OBJECT;
        }
    }

    public PolicyAssignment {
        if (!version.sha256().equals(archive.sha256())) {
            throw new IllegalArgumentException(
                    "version.sha256: %s (expected: %s, the archive's)"
                            .formatted(version.sha256(), archive.sha256()));
        }
        if (lane != null && lane.isBlank()) {
            throw new IllegalArgumentException("lane: blank (expected: a name, or none)");
        }
        checkObject("parameters", parameters);
        checkObject("settings", settings);
        checkObject("surroundings", surroundings);
    }

    /** A policy of any kind, run by this engine, whose version has no schemas. */
    public static PolicyAssignment of(
            PolicyEngine engine,
            String blockId,
            Kind kind,
            @Nullable String lane,
            String policyUri,
            PolicyArchive archive,
            Json parameters,
            Json settings,
            Json surroundings) {
        return new PolicyAssignment(
                blockId,
                kind,
                lane,
                new PolicyVersion(policyUri, archive.sha256(), engine.runtime()),
                archive,
                parameters,
                settings,
                surroundings,
                Schemas.NONE);
    }

    /**
     * A version of the registry in a line of decisions.
     *
     * @param parameters a block's own, on top of the version's
     * @param settings likewise
     */
    public static PolicyAssignment of(
            PolicyEngine engine,
            String blockId,
            Kind kind,
            @Nullable String lane,
            PolicyRegistered registered,
            PolicyArchive archive,
            Json parameters,
            Json settings,
            Json surroundings) {
        return of(
                        engine,
                        blockId,
                        kind,
                        lane,
                        registered.uri(),
                        archive,
                        merge(registered.parameters(), parameters),
                        merge(registered.settings(), settings),
                        surroundings)
                .with(Schemas.ofEntry(registered.entry()));
    }

    /** The same with the schemas of its version. */
    public PolicyAssignment with(Schemas ofVersion) {
        return new PolicyAssignment(
                blockId,
                kind,
                lane,
                version,
                archive,
                parameters,
                settings,
                surroundings,
                ofVersion);
    }

    /** What a policy is told of its block when its object is made. */
    public static Json surroundings(Json blockData, Json clusterData) {
        ObjectNode surroundings = EventJson.MAPPER.createObjectNode();
        surroundings.set("block_data", blockData.node());
        surroundings.set("cluster_data", clusterData.node());
        return Json.of(surroundings);
    }

    /**
     * Parameters or settings of a version with a block's own on top: the block's value of a key
     * takes the place of the version's, whole.
     */
    public static Json merge(Json ofVersion, Json ofBlock) {
        ObjectNode merged = ofVersion.object();
        merged.setAll(ofBlock.object());
        return Json.of(merged);
    }

    private static void checkObject(String name, Json value) {
        if (!value.node().isObject()) {
            throw new IllegalArgumentException(
                    name + ": " + value.text() + " (expected: a JSON object)");
        }
    }
}
