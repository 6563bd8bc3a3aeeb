package io.blockplane.load;

import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many tokens a request has: a number ({@code 512}), a range ({@code 100..900}, each equally
 * likely), or a log-normal by its median and 99th percentile ({@code 512~4000}), which is the shape
 * that prompts and answers have in real traces.
 */
public sealed interface TokenCounts {

    /** No request has more. */
    int MAX_TOKENS = 4_000_000;

    /** One number. */
    int draw(SplittableRandom random);

    /** Always the same. */
    record Fixed(int tokens) implements TokenCounts {
        public Fixed {
            require("tokens", tokens, 0);
        }

        @Override
        public int draw(SplittableRandom random) {
            return tokens;
        }
    }

    /** Each of a range, ends included. */
    record Uniform(int least, int most) implements TokenCounts {
        public Uniform {
            require("tokens", least, 0);
            require("tokens", most, least);
        }

        @Override
        public int draw(SplittableRandom random) {
            return random.nextInt(least, most + 1);
        }
    }

    /** Log-normal, cut at {@link #MAX_TOKENS}, never under 1. */
    record LogNormal(int median, int p99) implements TokenCounts {

        private static final double Z99 = 2.326347874;

        public LogNormal {
            require("tokens", median, 1);
            require("tokens", p99, median);
        }

        @Override
        public int draw(SplittableRandom random) {
            double sigma = Math.log((double) p99 / median) / Z99;
            double tokens = median * Math.exp(sigma * random.nextGaussian());
            return (int) Math.clamp(Math.round(tokens), 1, (long) MAX_TOKENS);
        }
    }

    /**
     * Reads a model.
     *
     * @throws IllegalArgumentException when it is none; the message says what was expected
     */
    static TokenCounts parse(String text) {
        Matcher m = Shapes.TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException(
                    "tokens: "
                            + text
                            + " (expected: a number, LEAST..MOST, or MEDIAN~P99, as 512,"
                            + " 100..900, 512~4000)");
        }
        int first = Integer.parseInt(m.group(1));
        if (m.group(2) == null) {
            return new Fixed(first);
        }
        int second = Integer.parseInt(m.group(3));
        return m.group(2).equals("..") ? new Uniform(first, second) : new LogNormal(first, second);
    }

    private static void require(String field, int value, int least) {
        if (value < least || value > MAX_TOKENS) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: %d to %d)".formatted(field, value, least, MAX_TOKENS));
        }
    }

    /** The text form. */
    final class Shapes {
        private static final Pattern TEXT = Pattern.compile("(\\d{1,7})(?:(\\.\\.|~)(\\d{1,7}))?");

        private Shapes() {}
    }
}
