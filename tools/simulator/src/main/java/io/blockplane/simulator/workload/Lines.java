package io.blockplane.simulator.workload;

import java.io.BufferedReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Lines of a text, and what is wrong with one. */
final class Lines {

    private final String name;
    private final BufferedReader reader;
    private int number;

    Lines(String name, BufferedReader reader) {
        this.name = name;
        this.reader = reader;
    }

    /** The next line that is not blank; null when there is none. */
    @Nullable String next() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
                return line;
            }
        }
        return null;
    }

    IOException wrong(String field, String value, String expected) {
        return new IOException(
                "%s:%d: %s: %s (expected: %s)".formatted(name, number, field, value, expected));
    }

    int tokens(String field, String text) throws IOException {
        try {
            long tokens = Math.round(Double.parseDouble(text));
            if (tokens >= 0 && tokens <= 10_000_000) {
                // Traces have empty prompts; a model reads and writes at least one token.
                return (int) Math.max(1, tokens);
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw wrong(field, text, "a number of tokens, 0 to 10000000");
    }
}
