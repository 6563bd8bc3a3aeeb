package io.blockplane.load;

import java.util.SplittableRandom;

/**
 * What a request carries, made from its token counts. A token is one common English word: models
 * count a little more or less, and what they counted is in the result.
 */
public enum Payload {
    /** {@code {"texts":["..."]}}: the embedding instance. Texts of 12 words. */
    TEXTS {
        @Override
        void write(StringBuilder out, Arrival arrival, SplittableRandom random) {
            out.append("{\"texts\":[");
            int left = Math.max(1, arrival.inputTokens());
            for (int t = 0; left > 0; t++) {
                int words = Math.min(left, WORDS_A_TEXT);
                out.append(t == 0 ? "\"" : ",\"");
                words(out, words, random);
                out.append('"');
                left -= words;
            }
            out.append("]}");
        }
    },

    /** {@code {"prompt":"...","max_tokens":N}}: llm-sim, and completions of OpenAI servers. */
    PROMPT {
        @Override
        void write(StringBuilder out, Arrival arrival, SplittableRandom random) {
            out.append("{\"prompt\":\"");
            words(out, arrival.inputTokens(), random);
            out.append("\",\"max_tokens\":").append(arrival.outputTokens()).append('}');
        }
    },

    /** {@code {"messages":[{"role":"user","content":"..."}],"max_tokens":N}}: OpenAI chat. */
    CHAT {
        @Override
        void write(StringBuilder out, Arrival arrival, SplittableRandom random) {
            out.append("{\"messages\":[{\"role\":\"user\",\"content\":\"");
            words(out, arrival.inputTokens(), random);
            out.append("\"}],\"max_tokens\":").append(arrival.outputTokens()).append('}');
        }
    },

    /** Words and nothing else. */
    TEXT {
        @Override
        void write(StringBuilder out, Arrival arrival, SplittableRandom random) {
            words(out, arrival.inputTokens(), random);
        }
    };

    private static final int WORDS_A_TEXT = 12;
    private static final String[] WORDS =
            ("the river carries snow from mountain to harbour every spring and boats wait for water"
                            + " that sings under old stone bridges while gulls follow bread along"
                            + " narrow streets of town")
                    .split(" ", -1);

    abstract void write(StringBuilder out, Arrival arrival, SplittableRandom random);

    /** The data of one request; the same number gives the same words. */
    public String data(Arrival arrival, long number) {
        StringBuilder out = new StringBuilder(arrival.inputTokens() * 6 + 80);
        write(out, arrival, new SplittableRandom(number));
        return out.toString();
    }

    private static void words(StringBuilder out, int count, SplittableRandom random) {
        for (int w = 0; w < count; w++) {
            out.append(w == 0 ? "" : " ").append(WORDS[random.nextInt(WORDS.length)]);
        }
    }
}
