package io.blockplane.instances;

/** What an instance made of a packet. */
public sealed interface Result {

    /**
     * The task is done.
     *
     * @param data replaces the packet's data; JSON text by convention
     * @param inputTokens tokens read
     * @param outputTokens tokens written; 0 for models that generate none
     */
    record Output(String data, long inputTokens, long outputTokens) implements Result {
        public Output {
            requireCount("inputTokens", inputTokens);
            requireCount("outputTokens", outputTokens);
        }

        private static void requireCount(String field, long value) {
            if (value < 0) {
                throw new IllegalArgumentException(field + ": " + value + " (expected: >= 0)");
            }
        }
    }

    /**
     * This packet can never succeed here. The caller sees INVALID_ARGUMENT and {@link #message}.
     *
     * @param field path of what is wrong: {@code data.texts[3]}
     * @param value what stands there, shortened
     * @param expected what should stand there
     */
    record InvalidInput(String field, String value, String expected) implements Result {

        private static final int MAX_VALUE_CHARS = 100;

        public InvalidInput {
            if (value.length() > MAX_VALUE_CHARS) {
                value = value.substring(0, MAX_VALUE_CHARS) + "...";
            }
        }

        public String message() {
            return field + ": " + value + " (expected: " + expected + ")";
        }
    }
}
