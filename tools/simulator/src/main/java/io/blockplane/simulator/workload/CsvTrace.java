package io.blockplane.simulator.workload;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Traces as CSV with a head line: the Azure LLM inference trace of 2023, or any with columns for
 * time and tokens. Rows are in the order of time.
 *
 * @param time its column: a date with time, or seconds as a number
 * @param tokensIn its column
 * @param tokensOut its column
 * @param session its column; null: requests take turns in {@code sessions}
 * @param sessions how many there are where no column says
 */
public record CsvTrace(
        String time, String tokensIn, String tokensOut, @Nullable String session, int sessions) {

    private static final DateTimeFormatter TIMESTAMP =
            new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .appendPattern("[ ]['T']HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalStart()
                    .appendOffsetId()
                    .optionalEnd()
                    .toFormatter(Locale.ROOT);

    private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    public CsvTrace {
        if (sessions < 1) {
            throw new IllegalArgumentException("sessions: " + sessions + " (expected: >= 1)");
        }
    }

    /** The columns of the Azure LLM inference trace 2023. */
    public static CsvTrace azure(int sessions) {
        return new CsvTrace("TIMESTAMP", "ContextTokens", "GeneratedTokens", null, sessions);
    }

    /**
     * Reads one.
     *
     * @param kind {@code azure} or {@code csv}
     * @throws IOException when it can't be read or is no such trace; the message names file, line,
     *     field and value
     */
    public Workload read(String kind, String name, String sha256, BufferedReader text)
            throws IOException {
        Lines lines = new Lines(name, text);
        String head = lines.next();
        if (head == null) {
            throw new IOException(name + ": empty (expected: a head line)");
        }
        Rows rows = new Rows(lines, cells(head));
        List<Request> requests = new ArrayList<>();
        for (String line = lines.next(); line != null; line = lines.next()) {
            requests.add(rows.request(requests.size(), cells(line)));
        }
        if (requests.isEmpty()) {
            throw new IOException(name + ": no rows (expected: at least one)");
        }
        return new Workload(kind, name, sha256, rows.originMs, requests);
    }

    private static List<String> cells(String row) {
        List<String> cells = new ArrayList<>();
        for (String cell : row.split(",", -1)) {
            cells.add(cell.strip());
        }
        return cells;
    }

    private final class Rows {

        private final Lines lines;
        private final int timeAt;
        private final int tokensInAt;
        private final int tokensOutAt;
        private final int sessionAt;
        private final Map<String, Long> counts = new HashMap<>();
        private long originMs;
        private long firstNanos = -1;
        private long lastNanos;

        Rows(Lines lines, List<String> head) throws IOException {
            this.lines = lines;
            this.timeAt = column(head, time);
            this.tokensInAt = column(head, tokensIn);
            this.tokensOutAt = column(head, tokensOut);
            this.sessionAt = session == null ? -1 : column(head, session);
        }

        private int column(List<String> head, String name) throws IOException {
            int at = head.indexOf(name);
            if (at < 0) {
                throw lines.wrong("columns", head.toString(), name + " among them");
            }
            return at;
        }

        Request request(int index, List<String> cells) throws IOException {
            String own =
                    sessionAt < 0
                            ? "trace-" + index % sessions
                            : cell(cells, sessionAt, String.valueOf(session));
            long seqNo = counts.merge(own, 1L, Long::sum) - 1;
            return Request.of(
                    index,
                    nanos(cell(cells, timeAt, time)),
                    own,
                    seqNo,
                    lines.tokens(tokensIn, cell(cells, tokensInAt, tokensIn)),
                    lines.tokens(tokensOut, cell(cells, tokensOutAt, tokensOut)));
        }

        private String cell(List<String> cells, int at, String name) throws IOException {
            if (at >= cells.size()) {
                throw lines.wrong(name, "absent", "a value");
            }
            return cells.get(at);
        }

        private long nanos(String text) throws IOException {
            long at = absolute(text);
            if (firstNanos < 0) {
                firstNanos = at;
                originMs = Math.floorDiv(at, NANOS_PER_SECOND) * 1000;
            }
            long since = at - originMs * 1_000_000;
            if (since < lastNanos) {
                throw lines.wrong(time, text, "not before the row above");
            }
            lastNanos = since;
            return since;
        }

        private long absolute(String text) throws IOException {
            try {
                return Duration.between(EPOCH, LocalDateTime.parse(text, TIMESTAMP)).toNanos();
            } catch (DateTimeException e) {
                return seconds(text);
            }
        }

        private long seconds(String text) throws IOException {
            try {
                double seconds = Double.parseDouble(text);
                if (seconds >= 0 && seconds < 1e10) {
                    return Math.round(seconds * NANOS_PER_SECOND);
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            throw lines.wrong(
                    time, text, "a time as 2023-11-16 18:17:03.9799600, or seconds from 0 on");
        }
    }
}
