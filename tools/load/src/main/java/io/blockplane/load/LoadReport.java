package io.blockplane.load;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What came of a run. Histograms are in nanoseconds.
 *
 * @param planned requests that were due
 * @param answered of them, well
 * @param errors number by gRPC status code, and {@link #NOT_SENT}
 * @param latency of the answered, from the planned time (at a fixed concurrency: from the sending)
 * @param firstPiece of streams, from the planned time to the first piece
 * @param betweenPieces of streams, the mean time between their pieces, one value a stream
 * @param lag of the client itself, from the planned time to the sending; part of the latency
 * @param inputTokens as the answers say
 * @param outputTokens as the answers say
 * @param elapsedNanos from the start to the last end
 */
public record LoadReport(
        long planned,
        long answered,
        Map<String, Long> errors,
        Histogram latency,
        Histogram firstPiece,
        Histogram betweenPieces,
        Histogram lag,
        long inputTokens,
        long outputTokens,
        long elapsedNanos) {

    /** Too many were unanswered when it was due. */
    public static final String NOT_SENT = "NOT_SENT";

    /** The client was this late at the 99th percentile: its own figures are not to be trusted. */
    static final long LAG_TO_WARN_NANOS = 5_000_000;

    private static final JsonMapper JSON = new JsonMapper();
    private static final double MS = 1e6;
    private static final double SECOND = 1e9;

    public long failed() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Answers a second. */
    public double rate() {
        return elapsedNanos == 0 ? 0 : answered * SECOND / elapsedNanos;
    }

    /** For people. */
    public String text() {
        StringBuilder out = new StringBuilder();
        line(out, "requests", "%,d planned, %,d answered, %,d failed", planned, answered, failed());
        if (!errors.isEmpty()) {
            line(out, "errors", "%s", errors);
        }
        line(out, "rate", "%,.1f answers/s over %.1f s", rate(), elapsedNanos / SECOND);
        if (inputTokens + outputTokens > 0) {
            line(
                    out,
                    "tokens",
                    "%,d in, %,d out (%,.0f/s, %,.0f/s)",
                    inputTokens,
                    outputTokens,
                    inputTokens * SECOND / elapsedNanos,
                    outputTokens * SECOND / elapsedNanos);
        }
        percentiles(out, "latency", latency);
        if (firstPiece.getTotalCount() > 0) {
            percentiles(out, "first piece", firstPiece);
            percentiles(out, "a piece", betweenPieces);
        }
        if (lag.getValueAtPercentile(99) > LAG_TO_WARN_NANOS) {
            line(
                    out,
                    "warning",
                    "the client itself was late (p99 %.1f ms): it or this machine is at its limit",
                    lag.getValueAtPercentile(99) / MS);
        }
        return out.toString();
    }

    /** For programs; times in milliseconds. */
    public String json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("planned", planned).put("answered", answered).put("failed", failed());
        ObjectNode byCode = root.putObject("errors");
        errors.forEach(byCode::put);
        root.put("answersPerSecond", rate()).put("seconds", elapsedNanos / SECOND);
        root.put("inputTokens", inputTokens).put("outputTokens", outputTokens);
        json(root.putObject("latencyMs"), latency);
        if (firstPiece.getTotalCount() > 0) {
            json(root.putObject("firstPieceMs"), firstPiece);
            json(root.putObject("betweenPiecesMs"), betweenPieces);
        }
        json(root.putObject("clientLagMs"), lag);
        return root.toString();
    }

    private static void percentiles(StringBuilder out, String name, Histogram times) {
        line(
                out,
                name,
                "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms",
                times.getValueAtPercentile(50) / MS,
                times.getValueAtPercentile(90) / MS,
                times.getValueAtPercentile(99) / MS,
                times.getValueAtPercentile(99.9) / MS,
                times.getMaxValue() / MS);
    }

    private static void json(ObjectNode node, Histogram times) {
        node.put("count", times.getTotalCount())
                .put("mean", times.getMean() / MS)
                .put("p50", times.getValueAtPercentile(50) / MS)
                .put("p90", times.getValueAtPercentile(90) / MS)
                .put("p99", times.getValueAtPercentile(99) / MS)
                .put("p99.9", times.getValueAtPercentile(99.9) / MS)
                .put("max", times.getMaxValue() / MS);
    }

    @com.google.errorprone.annotations.FormatMethod
    private static void line(
            StringBuilder out,
            String name,
            @com.google.errorprone.annotations.FormatString String format,
            Object... values) {
        out.append(String.format(Locale.ROOT, "%-12s", name))
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
