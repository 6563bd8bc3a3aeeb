package io.blockplane.policy;

import io.blockplane.events.DecisionChain;
import io.blockplane.events.PolicyDecided.Effect;
import io.blockplane.events.PolicyDecided.MetricsRead;
import io.blockplane.events.PolicyDecided.Printed;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
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

    private final MetricsSource source;
    private final List<Effect> effects = new ArrayList<>();
    private int lines;
    private int printedBytes;
    private boolean sealed;
    private @Nullable RuntimeException failure;

    Recording(MetricsSource source) {
        this.source = source;
    }

    /**
     * What {@code get_metrics()} returns, as JSON text; empty when the source failed, which is the
     * host's fault: see {@link #failure}.
     */
    String readMetrics() {
        try {
            Metrics metrics = source.current();
            String text = metrics.document().text();
            add(new MetricsRead(metrics.windowId(), DecisionChain.sha256(text)));
            return text;
        } catch (RuntimeException e) {
            synchronized (this) {
                failure = e;
            }
            return "";
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

    /** Cuts what a policy writes to a stream into lines. Used by the policy's thread only. */
    static final class Lines extends OutputStream {

        private final String stream;
        private final byte[] line = new byte[MAX_LINE_BYTES];
        private int length;
        private boolean cut;
        private @Nullable Recording recording;

        Lines(String stream) {
            this.stream = stream;
        }

        /** Lines go here from now on. */
        void begin(Recording to) {
            recording = to;
        }

        /** A call ends: a line without an end ends with it. */
        void end() {
            if (length > 0) {
                finishLine();
            }
            recording = null;
        }

        @Override
        public void write(int value) {
            if (value == '\n') {
                finishLine();
            } else if (length < line.length) {
                line[length++] = (byte) value;
            } else {
                cut = true;
            }
        }

        private void finishLine() {
            if (recording != null) {
                int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
                recording.print(stream, Arrays.copyOf(line, end), cut);
            }
            length = 0;
            cut = false;
        }
    }
}
