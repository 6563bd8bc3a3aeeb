package io.blockplane.events;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One call of a policy, whole: topic {@link Topic#DECISIONS}. The decision is a function of this
 * record and of the policy's state, which is in turn a function of the records before it: executing
 * them again gives the same bytes.
 *
 * <p>Records of one block, kind and lane form a chain: {@code sequence} counts from 0 without a
 * gap, and {@code previousHash} is the hash of the record before (64 zeros for the first). {@link
 * DecisionChain} says what is hashed. Evaluations of a balancer are the exception: each stands in
 * its task's event ({@link TaskEvent.Routing}) and takes a number of this sequence.
 *
 * @param kind what is decided
 * @param lane which of several policy objects of this block and kind; absent: the only one that
 *     acts. {@code shadow}: one that decides beside it, without effect. Of ROUTE: the executor, its
 *     start and a number, since a balancer has an object for each share of the sessions
 * @param call INIT: the policy object was made; EVAL: it decided; MANAGE: a management call changed
 *     it; SNAPSHOT: nothing was called, its state was written down (the {@code output})
 * @param sequence place in the chain, from 0
 * @param incarnation counts the policy objects of this chain from 1. One that begins with INIT
 *     starts afresh; one that does not was rebuilt by feeding it the records since the last INIT
 * @param logicalTimeMs the policy's clock during the call, epoch milliseconds
 * @param policy what was run
 * @param parameters given to the policy
 * @param settings given to the policy, without the injected callables
 * @param input the {@code input_data}; of MANAGE: {@code {"action", "data"}}; of INIT: {@code {}}
 * @param effects what came in from outside or went out during the call, in order
 * @param outcome how the call ended
 * @param output what it returned; absent when it returned nothing that is JSON
 * @param error what went wrong, in one line; absent when nothing did
 * @param action what follows from it
 * @param fallbacks why the action is not what the policy said, if it is not
 * @param durationUs wall time; measured, so not part of what must be the same
 */
public record PolicyDecided(
        String blockId,
        Kind kind,
        @Nullable String lane,
        Call call,
        long sequence,
        int incarnation,
        long logicalTimeMs,
        PolicyVersion policy,
        Json parameters,
        Json settings,
        Json input,
        List<Effect> effects,
        Outcome outcome,
        @Nullable Json output,
        @Nullable String error,
        ScaleAction action,
        List<String> fallbacks,
        long durationUs,
        String previousHash)
        implements Event {

    public PolicyDecided {
        effects = List.copyOf(effects);
        fallbacks = List.copyOf(fallbacks);
    }

    @Override
    public String subject() {
        return blockId;
    }

    /** The {@code lane} of a policy that decides beside the active one. */
    public static final String SHADOW = "shadow";

    /** The id of the record at a place of a chain. */
    public static String id(String blockId, Kind kind, @Nullable String lane, long sequence) {
        return "dec-"
                + blockId
                + "-"
                + kind.name().toLowerCase(java.util.Locale.ROOT)
                + (lane == null ? "" : "-" + lane)
                + "-"
                + sequence;
    }

    /** The id of this record. */
    public String id() {
        return id(blockId, kind, lane, sequence);
    }

    public enum Kind {
        ROUTE,
        SCALE,
        HEALTH,
        PLACE,
        FAILURE
    }

    public enum Call {
        INIT,
        EVAL,
        MANAGE,
        SNAPSHOT
    }

    /**
     * RETURNED: a usable result. RAISED: an exception left the policy. UNUSABLE: it returned
     * something that is no result of its kind. TIMED_OUT: it did not return within its limit.
     * BROKEN: the sandbox stopped it. After the last two the policy object is thrown away: the next
     * record is an INIT.
     */
    public enum Outcome {
        RETURNED,
        RAISED,
        UNUSABLE,
        TIMED_OUT,
        BROKEN;

        /**
         * Whether running it again must give the same record. Not where the machine cut it short.
         */
        public boolean reproducible() {
            return this == RETURNED || this == RAISED || this == UNUSABLE;
        }
    }

    /**
     * What was run.
     *
     * @param uri {@code name:version-tag}, or {@code builtin:name}
     * @param sha256 of its archive, hex
     * @param runtime language implementation and version
     */
    public record PolicyVersion(String uri, String sha256, String runtime) {}

    /** Something that crossed the border of the policy. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = MetricsRead.class, name = "metrics-read"),
        @JsonSubTypes.Type(value = Printed.class, name = "printed"),
        @JsonSubTypes.Type(value = HttpExchanged.class, name = "http-exchanged")
    })
    public sealed interface Effect {}

    /**
     * {@code get_metrics()} returned the document of this window.
     *
     * @param windowId absent when there was no window yet: the document was empty
     * @param sha256 of the document, hex
     * @param form what was hashed: absent: the document as JSON text; {@link #PARTS}: its shapes
     *     and values, see {@link io.blockplane.events.document.Document#digest}
     */
    public record MetricsRead(@Nullable String windowId, String sha256, @Nullable String form)
            implements Effect {

        public static final String PARTS = "parts";

        /** Of a document as JSON text. */
        public MetricsRead(@Nullable String windowId, String sha256) {
            this(windowId, sha256, null);
        }
    }

    /** One line that the policy printed or logged. */
    public record Printed(String stream, String line) implements Effect {}

    /**
     * The policy made an HTTP request with {@code requests}.
     *
     * @param requestHeaders by lower-case name; a value that is a secret (authorization, cookies)
     *     is its SHA-256
     * @param requestBody absent when there was none
     * @param response absent when there was none
     * @param error why there was no response: the exception that the policy got, and its text
     */
    public record HttpExchanged(
            String method,
            String url,
            SortedMap<String, String> requestHeaders,
            @Nullable HttpBody requestBody,
            @Nullable HttpResponse response,
            @Nullable HttpError error)
            implements Effect {
        public HttpExchanged {
            requestHeaders = Collections.unmodifiableSortedMap(new TreeMap<>(requestHeaders));
        }
    }

    /**
     * What came back.
     *
     * @param url of the last redirect
     * @param headers by lower-case name; several values of one name with {@code ", "} between
     */
    public record HttpResponse(
            int status,
            String reason,
            String url,
            SortedMap<String, String> headers,
            @Nullable HttpBody body,
            long durationUs) {
        public HttpResponse {
            headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
        }
    }

    /** A body as text if it is UTF-8, as base64 if not; one of them is there. */
    public record HttpBody(@Nullable String text, @Nullable String base64) {}

    /**
     * Why there was no response.
     *
     * @param type name of the exception class in {@code requests}
     */
    public record HttpError(String type, String message) {}

    /** What follows from an autoscaler's decision. */
    public record ScaleAction(
            Operation operation, int count, List<String> instanceIds, @Nullable String reason) {
        public ScaleAction {
            instanceIds = List.copyOf(instanceIds);
        }

        public static ScaleAction none(@Nullable String reason) {
            return new ScaleAction(Operation.NONE, 0, List.of(), reason);
        }
    }

    public enum Operation {
        NONE,
        UPSCALE,
        DOWNSCALE
    }
}
