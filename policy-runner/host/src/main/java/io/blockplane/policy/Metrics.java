package io.blockplane.policy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.document.Document;
import org.jspecify.annotations.Nullable;

/**
 * What {@code get_metrics()} returns: a document that is a function of its window alone, so that
 * replay can make it again. Thread safe.
 */
public final class Metrics {

    /** Before the first window. */
    public static final Metrics NONE =
            new Metrics(
                    null,
                    new Json(
                            "{\"block_metrics\":[],\"cluster_metrics\":{\"cluster_metrics\":{},"
                                    + "\"node_metrics\":[]}}"));

    private final @Nullable String windowId;
    private final Document document;
    private final @Nullable String form;
    private volatile @Nullable MetricsRead read;

    private Metrics(@Nullable String windowId, Document document, @Nullable String form) {
        this.windowId = windowId;
        this.document = document;
        this.form = form;
    }

    /** Of a document that its maker knows the parts of. */
    public Metrics(@Nullable String windowId, Document document) {
        this(windowId, document, MetricsRead.PARTS);
    }

    /** Of any document. */
    public Metrics(@Nullable String windowId, Json document) {
        this(windowId, Document.of(document), null);
    }

    /** Of the document that was read, hashed in the form in which it was then. */
    static Metrics again(MetricsRead recorded, Document document) {
        return new Metrics(recorded.windowId(), document, recorded.form());
    }

    public Document document() {
        return document;
    }

    /** What is recorded of a read. Hashed once, at the first: most windows are never read. */
    public MetricsRead read() {
        MetricsRead made = read;
        if (made == null) {
            String sha256 =
                    form == null ? DecisionChain.sha256(document.json().text()) : document.digest();
            made = new MetricsRead(windowId, sha256, form);
            read = made;
        }
        return made;
    }
}
