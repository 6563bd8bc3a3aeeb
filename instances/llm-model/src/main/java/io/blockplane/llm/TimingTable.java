package io.blockplane.llm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Measured times of an LLM server, as the table of the Splitwise simulator has them: CSV with the
 * columns {@code model}, {@code hardware}, {@code tensor_parallel}, {@code prompt_size} (tokens of
 * each prompt), {@code batch_size}, {@code token_size} (tokens written), {@code prompt_time} and
 * {@code token_time} (milliseconds). Other columns are ignored.
 */
public record TimingTable(List<Row> rows) {

    private static final String FORMULA = "formula-8b.csv";

    /**
     * One measurement.
     *
     * @param setup model/hardware/tensor parallelism, as {@code llama2-70b/a100-80gb/8}
     * @param promptTokens of each sequence
     * @param promptMs until the first token of the batch
     * @param tokenMs for each further one
     */
    public record Row(
            String setup,
            int promptTokens,
            int batch,
            int outputTokens,
            double promptMs,
            double tokenMs) {

        public Row {
            requirePositive("prompt_size", promptTokens);
            requirePositive("batch_size", batch);
            requirePositive("token_size", outputTokens);
            requirePositive("prompt_time", promptMs);
            requirePositive("token_time", tokenMs);
        }

        private static void requirePositive(String field, double value) {
            if (!(value > 0)) {
                throw new IllegalArgumentException(field + ": " + value + " (expected: > 0)");
            }
        }
    }

    public TimingTable {
        rows = List.copyOf(rows);
    }

    /**
     * Reads a table.
     *
     * @param lines the head line first
     * @throws IllegalArgumentException when it is none; the message names the line and the field
     */
    public static TimingTable parse(List<String> lines) {
        if (lines.isEmpty()) {
            throw new IllegalArgumentException("timings: empty (expected: a head line)");
        }
        Columns columns = new Columns(List.of(lines.getFirst().strip().split(",", -1)));
        List<Row> rows = new ArrayList<>();
        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty()) {
                try {
                    rows.add(columns.row(line.split(",", -1)));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "timings, line " + (i + 1) + ": " + e.getMessage(), e);
                }
            }
        }
        return new TimingTable(rows);
    }

    /** The table that comes along: made by a formula, measured nowhere. */
    public static TimingTable formula() {
        try (InputStream in = TimingTable.class.getResourceAsStream(FORMULA)) {
            if (in == null) {
                throw new IllegalStateException(FORMULA + " is not on the class path");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The setups that it has, in order of appearance. */
    public List<String> setups() {
        return rows.stream().map(Row::setup).distinct().toList();
    }

    private record Columns(List<String> names) {

        Row row(String[] cells) {
            return new Row(
                    text(cells, "model")
                            + "/"
                            + text(cells, "hardware")
                            + "/"
                            + text(cells, "tensor_parallel"),
                    (int) number(cells, "prompt_size"),
                    (int) number(cells, "batch_size"),
                    (int) number(cells, "token_size"),
                    number(cells, "prompt_time"),
                    number(cells, "token_time"));
        }

        private String text(String[] cells, String name) {
            int column = names.indexOf(name);
            if (column < 0) {
                throw new IllegalArgumentException(
                        "columns: " + names + " (expected: " + name + " among them)");
            }
            if (column >= cells.length) {
                throw new IllegalArgumentException(name + ": absent (expected: a value)");
            }
            return cells[column].strip();
        }

        private double number(String[] cells, String name) {
            String text = text(cells, name);
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + ": " + text + " (expected: a number)", e);
            }
        }
    }
}
