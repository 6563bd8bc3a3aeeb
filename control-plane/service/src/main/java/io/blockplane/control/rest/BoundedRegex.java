package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression of a client, with a limit to the work that it makes: one that backtracks
 * without end is refused, and holds nobody up.
 */
final class BoundedRegex {

    /** Longest pattern, characters. */
    static final int LENGTH = 200;

    /** Longest text that is searched, characters; of a longer one, its beginning. */
    static final int SEARCHED = 4_000;

    /** Characters that may be looked at in one text. */
    static final int LOOKS = 200_000;

    private final String path;
    private final Pattern pattern;

    private BoundedRegex(String path, Pattern pattern) {
        this.path = path;
        this.pattern = pattern;
    }

    static BoundedRegex of(String path, JsonNode regex, JsonNode options) {
        String expected = "a regular expression of at most " + LENGTH + " characters";
        if (!regex.isTextual() || regex.textValue().length() > LENGTH) {
            throw Problem.invalid(path, regex, expected).refused();
        }
        int flags = 0;
        for (char option : options.asText("").toCharArray()) {
            flags |=
                    switch (option) {
                        case 'i' -> Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
                        case 'm' -> Pattern.MULTILINE;
                        case 's' -> Pattern.DOTALL;
                        case 'x' -> Pattern.COMMENTS;
                        default ->
                                throw Problem.invalid(path + ".$options", options, "some of imsx")
                                        .refused();
                    };
        }
        try {
            return new BoundedRegex(path, Pattern.compile(regex.textValue(), flags));
        } catch (PatternSyntaxException e) {
            throw Problem.invalid(path, regex, expected + "; " + e.getDescription()).refused();
        }
    }

    boolean finds(String text) {
        try {
            return pattern.matcher(
                            new Counted(text.substring(0, Math.min(SEARCHED, text.length()))))
                    .find();
        } catch (Counted.Exhausted | StackOverflowError _) {
            throw Problem.invalid(
                            path,
                            TextNode.valueOf(pattern.pattern()),
                            "a regular expression that does not backtrack so much")
                    .refused();
        }
    }

    /** A text that is looked at a limited number of times. */
    private static final class Counted implements CharSequence {

        private final String text;
        private int looks;

        Counted(String text) {
            this.text = text;
        }

        private static final class Exhausted extends RuntimeException {
            Exhausted() {
                super("too many looks", null, false, false);
            }
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++looks > LOOKS) {
                throw new Exhausted();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
