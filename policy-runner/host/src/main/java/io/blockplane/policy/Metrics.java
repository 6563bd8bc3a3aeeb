package io.blockplane.policy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Json;
import org.jspecify.annotations.Nullable;

/**
 * What {@code get_metrics()} returns.
 *
 * @param windowId of the window that the document was made from; null when there is none yet
 * @param document a function of that window alone, so that replay can make it again
 * @param sha256 of the document, hex
 */
public record Metrics(@Nullable String windowId, Json document, String sha256) {

    /** Before the first window. */
    public static final Metrics NONE =
            new Metrics(
                    null,
                    new Json(
                            "{\"block_metrics\":[],\"cluster_metrics\":{\"cluster_metrics\":{},"
                                    + "\"node_metrics\":[]}}"));

    /** Hashes the document: to be made once per window, not once per read. */
    public Metrics(@Nullable String windowId, Json document) {
        this(windowId, document, DecisionChain.sha256(document.text()));
    }
}
