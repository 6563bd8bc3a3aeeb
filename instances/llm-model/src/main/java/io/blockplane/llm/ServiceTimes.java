package io.blockplane.llm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How long one step of an LLM server takes, in milliseconds.
 *
 * <ul>
 *   <li>Prefill of a batch: by the tokens of all its prompts, a straight line between measured
 *       points (their medians, never falling), beyond the last one at its slope.
 *   <li>Decode of one token for each of a batch: {@code base + perSequence x sequences +
 *       perContextToken x tokens in the caches}.
 * </ul>
 *
 * @param setup what was measured
 * @param prefill points in ascending order, at least two
 */
public record ServiceTimes(
        String setup,
        List<Point> prefill,
        double decodeBaseMs,
        double decodePerSequenceMs,
        double decodePerContextTokenMs) {

    /** So many prompt tokens took so long. */
    public record Point(double tokens, double ms) {}

    /** Columns of the decode fit: one, sequences, context tokens. */
    private static final int TERMS = 3;

    public ServiceTimes {
        prefill = List.copyOf(prefill);
        if (prefill.size() < 2) {
            throw new IllegalArgumentException(
                    "prefill: %d points (expected: at least 2 prompt sizes of %s)"
                            .formatted(prefill.size(), setup));
        }
    }

    /**
     * Fits them to the rows of one setup. The decode coefficients minimise the squared relative
     * error and are not negative.
     *
     * @throws IllegalArgumentException when the table has no such setup, or too little of it
     */
    public static ServiceTimes fit(TimingTable table, String setup) {
        List<TimingTable.Row> rows =
                table.rows().stream().filter(r -> r.setup().equals(setup)).toList();
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(
                    "setup: %s (expected: one of %s)".formatted(setup, table.setups()));
        }
        double[] decode = fitDecode(rows);
        return new ServiceTimes(setup, fitPrefill(rows), decode[0], decode[1], decode[2]);
    }

    /** Until the first tokens of prompts with so many tokens together. */
    public double prefillMs(double promptTokens) {
        int above = 1;
        while (above < prefill.size() - 1 && prefill.get(above).tokens() < promptTokens) {
            above++;
        }
        Point low = prefill.get(above - 1);
        Point high = prefill.get(above);
        double slope = (high.ms() - low.ms()) / (high.tokens() - low.tokens());
        // Below the first point the line may not lead to nothing, or less.
        return Math.max(
                low.ms() + slope * (promptTokens - low.tokens()), prefill.getFirst().ms() / 2);
    }

    /** One more token for each of so many sequences. */
    public double decodeMs(int sequences, double contextTokens) {
        return decodeBaseMs
                + decodePerSequenceMs * sequences
                + decodePerContextTokenMs * contextTokens;
    }

    private static List<Point> fitPrefill(List<TimingTable.Row> rows) {
        Map<Double, List<Double>> byTokens = new TreeMap<>();
        for (TimingTable.Row row : rows) {
            byTokens.computeIfAbsent(
                            (double) row.promptTokens() * row.batch(), _ -> new ArrayList<>())
                    .add(row.promptMs());
        }
        List<Point> points = new ArrayList<>();
        double highest = 0;
        for (Map.Entry<Double, List<Double>> entry : byTokens.entrySet()) {
            List<Double> times = entry.getValue().stream().sorted().toList();
            highest = Math.max(highest, times.get(times.size() / 2));
            points.add(new Point(entry.getKey(), highest));
        }
        return points;
    }

    /** Of all subsets of the terms, the best fit without a negative coefficient. */
    private static double[] fitDecode(List<TimingTable.Row> rows) {
        double[] best = new double[TERMS];
        double leastError = Double.POSITIVE_INFINITY;
        for (int terms = 1; terms < 1 << TERMS; terms++) {
            double[] fit = solve(rows, terms);
            if (Arrays.stream(fit).allMatch(c -> c >= 0 && Double.isFinite(c))) {
                double error = error(rows, fit);
                if (error < leastError) {
                    leastError = error;
                    best = fit;
                }
            }
        }
        return best;
    }

    private static double[] terms(TimingTable.Row row) {
        double context = row.batch() * (row.promptTokens() + row.outputTokens() / 2.0);
        return new double[] {1, row.batch(), context};
    }

    private static double error(List<TimingTable.Row> rows, double[] fit) {
        double error = 0;
        for (TimingTable.Row row : rows) {
            double[] x = terms(row);
            double off = (fit[0] * x[0] + fit[1] * x[1] + fit[2] * x[2]) / row.tokenMs() - 1;
            error += off * off;
        }
        return error;
    }

    /** Weighted least squares over the chosen terms by the normal equations. */
    private static double[] solve(List<TimingTable.Row> rows, int chosen) {
        double[][] a = new double[TERMS][TERMS + 1];
        for (TimingTable.Row row : rows) {
            double[] x = terms(row);
            double weight = 1 / (row.tokenMs() * row.tokenMs());
            for (int i = 0; i < TERMS; i++) {
                for (int j = 0; j < TERMS; j++) {
                    a[i][j] += weight * x[i] * x[j];
                }
                a[i][TERMS] += weight * x[i] * row.tokenMs();
            }
        }
        for (int i = 0; i < TERMS; i++) {
            if ((chosen >> i & 1) == 0) {
                for (int j = 0; j < TERMS; j++) {
                    a[i][j] = 0;
                    a[j][i] = 0;
                }
                a[i][i] = 1;
                a[i][TERMS] = 0;
            }
        }
        return eliminate(a);
    }

    private static double[] eliminate(double[][] a) {
        for (int column = 0; column < TERMS; column++) {
            int pivot = column;
            for (int row = column + 1; row < TERMS; row++) {
                if (Math.abs(a[row][column]) > Math.abs(a[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = a[column];
            a[column] = a[pivot];
            a[pivot] = swapped;
            for (int row = 0; row < TERMS; row++) {
                double factor = row == column ? 0 : a[row][column] / a[column][column];
                for (int i = column; i <= TERMS; i++) {
                    a[row][i] -= factor * a[column][i];
                }
            }
        }
        double[] solution = new double[TERMS];
        for (int i = 0; i < TERMS; i++) {
            solution[i] = a[i][TERMS] / a[i][i];
        }
        return solution;
    }
}
