package io.blockplane.simulator.service;

import io.blockplane.llm.LlmEngine.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Fits the batching engine's times to requests that were seen. What a request takes in its instance
 * is, in milliseconds,
 *
 * <pre>
 *   beside + prefill x prefills + perPromptToken x prompt tokens read
 *          + steps x (decode + perSequence x sequences + perContextToken x tokens in the cache)
 * </pre>
 *
 * where the prefills and prompt tokens are its own and those of the requests that began while it
 * ran (they hold it up), and of one that was being read when it came, what was left of it; steps
 * are the tokens that it wrote after the first, and half a step if others ran when it came;
 * sequences and cache are means over its time. The coefficients that minimise the squared relative
 * error, none negative, are a first guess; {@link EngineFit} goes on from there with the engine
 * itself.
 */
public final class LlmFit {

    private static final int TERMS = 6;
    private static final int PASSES = 5;
    private static final int SWEEPS = 2_000;

    /** Requests that an instance has in its hands, at most: only these can meet. */
    private static final int MOST_AT_ONCE = 512;

    /** The first so many are enough. */
    private static final int MOST = 20_000;

    /** Fewer say nothing. */
    private static final int LEAST = 30;

    private LlmFit() {}

    /** A request in its instance. */
    public record Observed(
            String instanceId, double beginMs, double endMs, int tokensIn, int tokensOut) {
        double ms() {
            return Math.max(0.1, endMs - beginMs);
        }
    }

    /** In the order of {@link EngineFit}. */
    private record Coefficients(List<Double> values) {
        double of(int term) {
            return values.get(term);
        }

        double prefillMs(int tokens) {
            return of(1) + of(2) * tokens;
        }
    }

    /**
     * The model of what was seen.
     *
     * @param limits of the engine; they can't be seen
     * @throws IllegalArgumentException when too few were seen
     */
    public static LlmService of(List<Observed> seen, Limits limits) {
        if (seen.size() < LEAST) {
            throw new IllegalArgumentException(
                    "requests: %d with token counts (expected: at least %d to fit times to)"
                            .formatted(seen.size(), LEAST));
        }
        Map<String, List<Observed>> byInstance = new TreeMap<>();
        seen.stream()
                .limit(MOST)
                .forEach(o ->
                        byInstance.computeIfAbsent(o.instanceId, _ -> new ArrayList<>()).add(o));
        byInstance.values().forEach(l -> l.sort(Comparator.comparingDouble(Observed::beginMs)));
        Coefficients found = new Coefficients(List.of(0.0, 0.0, 0.0, 0.0, 0.0, 0.0));
        List<double[]> rows = List.of();
        List<Double> took = new ArrayList<>();
        for (int pass = 0; pass < PASSES; pass++) {
            rows = new ArrayList<>();
            took.clear();
            for (List<Observed> of : byInstance.values()) {
                for (int i = 0; i < of.size(); i++) {
                    rows.add(terms(of, i, found));
                    took.add(of.get(i).ms());
                }
            }
            found = solve(rows, took);
        }
        return EngineFit.of(byInstance.values(), limits, found.values());
    }

    /** The terms of one request among those of its instance, which are in the order they began. */
    private static double[] terms(List<Observed> all, int i, Coefficients known) {
        Observed own = all.get(i);
        double prefills = 1;
        double promptTokens = own.tokensIn;
        double sequenceMs = own.ms();
        double contextMs = own.ms() * (own.tokensIn + own.tokensOut / 2.0);
        boolean others = false;
        for (int j = Math.max(0, i - MOST_AT_ONCE); j < all.size(); j++) {
            Observed other = all.get(j);
            double overlap =
                    Math.min(own.endMs, other.endMs) - Math.max(own.beginMs, other.beginMs);
            if (j == i || overlap <= 0) {
                if (other.beginMs > own.endMs) {
                    break;
                }
                continue;
            }
            sequenceMs += overlap;
            contextMs += overlap * (other.tokensIn + other.tokensOut / 2.0);
            if (j > i) {
                // Who ended before the other's prompt was read was not held up by it.
                if (other.beginMs + known.prefillMs(other.tokensIn) <= own.endMs) {
                    prefills++;
                    promptTokens += other.tokensIn;
                }
                continue;
            }
            others = true;
            double prefill = known.prefillMs(other.tokensIn);
            double left = other.beginMs + prefill - own.beginMs;
            if (left > 0 && prefill > 0) {
                prefills += left / prefill;
                promptTokens += other.tokensIn * left / prefill;
            }
        }
        double steps = own.tokensOut - 1 + (others ? 0.5 : 0);
        return new double[] {
            1,
            prefills,
            promptTokens,
            steps,
            steps * sequenceMs / own.ms(),
            steps * contextMs / own.ms()
        };
    }

    /** Weighted least squares without negative coefficients, by coordinate descent. */
    private static Coefficients solve(List<double[]> rows, List<Double> took) {
        double[][] a = new double[TERMS][TERMS];
        double[] b = new double[TERMS];
        for (int r = 0; r < rows.size(); r++) {
            double[] x = rows.get(r);
            double weight = 1 / (took.get(r) * took.get(r));
            for (int i = 0; i < TERMS; i++) {
                b[i] += x[i] * took.get(r) * weight;
                for (int j = 0; j < TERMS; j++) {
                    a[i][j] += x[i] * x[j] * weight;
                }
            }
        }
        double[] solution = new double[TERMS];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int i = 0; i < TERMS; i++) {
                double rest = b[i];
                for (int j = 0; j < TERMS; j++) {
                    rest -= j == i ? 0 : a[i][j] * solution[j];
                }
                solution[i] = a[i][i] == 0 ? 0 : Math.max(0, rest / a[i][i]);
            }
        }
        List<Double> values = new ArrayList<>();
        for (double value : solution) {
            values.add(value);
        }
        return new Coefficients(values);
    }
}
