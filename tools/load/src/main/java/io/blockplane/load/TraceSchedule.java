package io.blockplane.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a recorded trace: a CSV file with the columns {@code TIMESTAMP}, {@code
 * ContextTokens}, {@code GeneratedTokens} (others are ignored), rows in the order of time. The
 * first row leaves at once, the others at their distance from it divided by the speed.
 */
public final class TraceSchedule implements Schedule {

    private static final String TIME = "TIMESTAMP";
    private static final String INPUT = "ContextTokens";
    private static final String OUTPUT = "GeneratedTokens";
    private static final DateTimeFormatter TIMESTAMP =
            new DateTimeFormatterBuilder()
                    .append(DateTimeFormatter.ISO_LOCAL_DATE)
                    .appendPattern("[ ]['T']HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .optionalStart()
                    .appendOffsetId()
                    .optionalEnd()
                    .toFormatter(java.util.Locale.ROOT);

    private final Path file;
    private final BufferedReader rows;
    private final double speed;
    private final long limit;
    private final int timeColumn;
    private final int inputColumn;
    private final int outputColumn;
    private long line = 1;
    private long made;
    private @Nullable LocalDateTime first;
    private long lastNanos;

    private TraceSchedule(
            Path file, BufferedReader rows, double speed, long limit, List<String> head)
            throws IOException {
        this.file = file;
        this.rows = rows;
        this.speed = speed;
        this.limit = limit;
        this.timeColumn = column(head, TIME);
        this.inputColumn = column(head, INPUT);
        this.outputColumn = column(head, OUTPUT);
    }

    /**
     * Opens a trace; rows are read as they are needed.
     *
     * @param speed 1 is the recorded pace, 10 ten times as fast
     * @param limit rows at most
     * @throws IOException when it can't be read or is no trace; the message names the line
     */
    public static TraceSchedule open(Path file, double speed, long limit) throws IOException {
        if (!(speed > 0)) {
            throw new IllegalArgumentException("speed: " + speed + " (expected: > 0)");
        }
        BufferedReader rows = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        try {
            String head = rows.readLine();
            if (head == null) {
                throw new IOException(file + ": empty (expected: a head line with " + TIME + ")");
            }
            return new TraceSchedule(file, rows, speed, limit, cells(head));
        } catch (IOException e) {
            rows.close();
            throw e;
        }
    }

    @Override
    public @Nullable Arrival next() throws IOException {
        String row = made == limit ? null : rows.readLine();
        line++;
        if (row == null || row.isBlank()) {
            return null;
        }
        made++;
        List<String> cells = cells(row);
        LocalDateTime time = time(cell(cells, timeColumn, TIME));
        LocalDateTime start = first == null ? time : first;
        first = start;
        long nanos = (long) (Duration.between(start, time).toNanos() / speed);
        if (nanos < lastNanos) {
            throw wrong(TIME, cell(cells, timeColumn, TIME), "not before the row above");
        }
        lastNanos = nanos;
        return new Arrival(
                nanos,
                count(INPUT, cell(cells, inputColumn, INPUT)),
                count(OUTPUT, cell(cells, outputColumn, OUTPUT)));
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }

    private int column(List<String> head, String name) throws IOException {
        int column = head.indexOf(name);
        if (column < 0) {
            throw new IOException(
                    file + ":1: columns " + head + " (expected: " + name + " among them)");
        }
        return column;
    }

    private String cell(List<String> cells, int column, String name) throws IOException {
        if (column >= cells.size()) {
            throw wrong(name, "absent", "a value");
        }
        return cells.get(column);
    }

    private LocalDateTime time(String text) throws IOException {
        try {
            return LocalDateTime.parse(text, TIMESTAMP);
        } catch (DateTimeException e) {
            throw wrong(TIME, text, "a time as 2023-11-16 18:17:03.9799600");
        }
    }

    private int count(String name, String text) throws IOException {
        try {
            int count = Integer.parseInt(text);
            if (count >= 0 && count <= TokenCounts.MAX_TOKENS) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(name, text, "0 to " + TokenCounts.MAX_TOKENS);
    }

    private IOException wrong(String field, String value, String expected) {
        return new IOException(
                "%s:%d: %s: %s (expected: %s)".formatted(file, line, field, value, expected));
    }

    private static List<String> cells(String row) {
        return List.of(row.split(",", -1)).stream().map(String::strip).toList();
    }
}
