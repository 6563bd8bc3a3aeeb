package io.blockplane.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import io.blockplane.events.PolicyDecided.HttpResponse;
import io.blockplane.events.PolicyDecided.Printed;
import io.blockplane.events.document.Document;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The effects of one call, in order. Thread safe: a policy that ran out of time may still print
 * while its record is made; what comes after {@link #seal} is not part of it. The limits are fixed:
 * replay has to cut where the record was cut.
 */
final class Recording {

    /** Most lines of a call; the rest is counted as one note. */
    static final int MAX_LINES = 200;

    /** Longest line, bytes of UTF-8; the rest of the line is cut off. */
    static final int MAX_LINE_BYTES = 8 * 1024;

    /** Most bytes of all lines of a call together. */
    static final int MAX_PRINTED_BYTES = 64 * 1024;

    /** Most {@code get_metrics()} of a call; the next ones raise. */
    static final int MAX_METRICS_READS = 100;

    /** Largest output of a call, bytes of JSON. */
    static final int MAX_OUTPUT_BYTES = 64 * 1024;

    /** Largest state of a policy that is written down, bytes of JSON. */
    static final int MAX_STATE_BYTES = 1024 * 1024;

    /** Most containers inside each other in an output. */
    static final int MAX_OUTPUT_DEPTH = 100;

    /** Largest integer in an output, bits. */
    static final int MAX_INT_BITS = 1024;

    /** Longest error text, characters. */
    static final int MAX_ERROR_CHARS = 1_000;

    /** The stream of the host's own notes among the printed lines. */
    static final String NOTES = "blockplane";

    /**
     * How Python writes an object that has no text of its own: with its address, which is another
     * one in every run and means nothing in any.
     */
    private static final Pattern ADDRESS = Pattern.compile(" at 0x[0-9a-fA-F]{1,16}");

    /** Most HTTP requests of a call; the next ones raise. */
    static final int MAX_EXCHANGES = 20;

    /** Largest body of a request or of a response, bytes. */
    static final int MAX_BODY_BYTES = 1024 * 1024;

    /** Most bytes of all bodies of a call together, so that its record fits into the log. */
    static final int MAX_EXCHANGED_BYTES = 2 * 1024 * 1024;

    private final MetricsSource source;
    private final HttpSource http;
    private final Duration httpLimit;
    private final List<Effect> effects = new ArrayList<>();
    private long httpDeadline;
    private int exchanges;
    private int exchangedBytes;
    private int lines;
    private int printedBytes;
    private boolean sealed;
    private @Nullable RuntimeException failure;

    /**
     * Of one call.
     *
     * @param httpLimit from {@link #start} on, all HTTP requests of the call are to be done within
     */
    Recording(MetricsSource source, HttpSource http, Duration httpLimit) {
        this.source = source;
        this.http = http;
        this.httpLimit = httpLimit;
    }

    /** The call begins. */
    void start() {
        httpDeadline = System.nanoTime() + httpLimit.toNanos();
    }

    /**
     * Makes an HTTP request.
     *
     * @param text as {@link HttpAsk#parse} reads it
     * @return JSON with {@code response} or {@code error}, as in the record
     */
    String exchange(String text) {
        HttpAsk ask;
        try {
            ask = HttpAsk.parse(text);
        } catch (IllegalArgumentException e) {
            return refusal("not a request: " + e.getMessage());
        }
        int sent = HttpAsk.bytes(ask.body()).length;
        if (++exchanges > MAX_EXCHANGES) {
            return refusal("more than %d requests in one decision".formatted(MAX_EXCHANGES));
        }
        if (sent > MAX_BODY_BYTES || exchangedBytes + sent > MAX_EXCHANGED_BYTES) {
            return refusal(
                    "body: %d bytes (expected: at most %d, and %d in one decision)"
                            .formatted(sent, MAX_BODY_BYTES, MAX_EXCHANGED_BYTES));
        }
        exchangedBytes += sent;
        Duration left = Duration.ofNanos(Math.max(1, httpDeadline - System.nanoTime()));
        HttpExchanged exchanged =
                http.exchange(
                        ask, left, Math.min(MAX_BODY_BYTES, MAX_EXCHANGED_BYTES - exchangedBytes));
        HttpResponse response = exchanged.response();
        exchangedBytes += response == null ? 0 : HttpAsk.bytes(response.body()).length;
        add(exchanged);
        ObjectNode answer = EventJson.MAPPER.createObjectNode();
        answer.set("response", EventJson.MAPPER.valueToTree(response));
        answer.set("error", EventJson.MAPPER.valueToTree(exchanged.error()));
        return answer.toString();
    }

    /** Follows from the call alone, so it needs no record. */
    private static String refusal(String message) {
        ObjectNode answer = EventJson.MAPPER.createObjectNode();
        answer.putObject("error").put("type", "RequestException").put("message", message);
        return answer.toString();
    }

    /**
     * What {@code get_metrics()} returns; null when the source failed, which is the host's fault:
     * see {@link #failure}.
     */
    @Nullable Document readMetrics() {
        try {
            Metrics metrics = source.current();
            add(metrics.read());
            return metrics.document();
        } catch (RuntimeException e) {
            synchronized (this) {
                failure = e;
            }
            return null;
        }
    }

    /** Why the metrics could not be had; null when they could. */
    synchronized @Nullable RuntimeException failure() {
        return failure;
    }

    /** One printed line, without its end. */
    synchronized void print(String stream, byte[] line, boolean cut) {
        if (lines > MAX_LINES) {
            return;
        }
        lines++;
        printedBytes += line.length;
        if (lines > MAX_LINES || printedBytes > MAX_PRINTED_BYTES) {
            lines = MAX_LINES + 1;
            add(
                    new Printed(
                            NOTES,
                            "more than %d lines or %d bytes printed: the rest is not recorded"
                                    .formatted(MAX_LINES, MAX_PRINTED_BYTES)));
            return;
        }
        add(new Printed(stream, withoutAddresses(new String(line, StandardCharsets.UTF_8))));
        if (cut) {
            add(new Printed(NOTES, "the line before is cut at %d bytes".formatted(MAX_LINE_BYTES)));
        }
    }

    /** The effects so far; nothing is added after this. */
    synchronized List<Effect> seal() {
        sealed = true;
        return List.copyOf(effects);
    }

    /** Puts {@code 0x0} in the place of every address that Python wrote. */
    static String withoutAddresses(String text) {
        return text.contains(" at 0x") ? ADDRESS.matcher(text).replaceAll(" at 0x0") : text;
    }

    /** One line of bounded length that has a UTF-8 form. */
    static String errorText(String text) {
        String line = withoutAddresses(text).replaceAll("\\s*\\R\\s*", " ").strip();
        String cut =
                line.length() > MAX_ERROR_CHARS ? line.substring(0, MAX_ERROR_CHARS) + "..." : line;
        // Half a surrogate pair becomes a question mark.
        return new String(cut.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    private synchronized void add(Effect effect) {
        if (!sealed) {
            effects.add(effect);
        }
    }
}
