package io.blockplane.executor.core;

/**
 * Why parameters or settings can't be used.
 *
 * @param field its path, from where the reader began
 * @param value as it stands there
 * @param expected what would do
 */
public record Refusal(String field, String value, String expected) {

    /** In one line. */
    public String message() {
        return field + ": " + value + " (expected: " + expected + ")";
    }
}
