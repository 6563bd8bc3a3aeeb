package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.PolicyVersion;

/**
 * Which policy decides what for a block, and with which parameters.
 *
 * @param version what is recorded as run; its hash is the archive's
 * @param parameters a JSON object, given to the policy and to each of its calls
 * @param settings a JSON object; the host adds {@code get_metrics}
 */
public record PolicyAssignment(
        String blockId,
        Kind kind,
        PolicyVersion version,
        PolicyArchive archive,
        Json parameters,
        Json settings) {

    public PolicyAssignment {
        if (kind != Kind.SCALE) {
            throw new IllegalArgumentException(
                    "kind: " + kind + " (expected: SCALE, the only one that Python decides yet)");
        }
        if (!version.sha256().equals(archive.sha256())) {
            throw new IllegalArgumentException(
                    "version.sha256: %s (expected: %s, the archive's)"
                            .formatted(version.sha256(), archive.sha256()));
        }
        checkObject("parameters", parameters);
        checkObject("settings", settings);
    }

    /** An autoscaler, run by this engine. */
    public static PolicyAssignment scale(
            PolicyEngine engine,
            String blockId,
            String policyUri,
            PolicyArchive archive,
            Json parameters,
            Json settings) {
        PolicyVersion version = new PolicyVersion(policyUri, archive.sha256(), engine.runtime());
        return new PolicyAssignment(blockId, Kind.SCALE, version, archive, parameters, settings);
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
