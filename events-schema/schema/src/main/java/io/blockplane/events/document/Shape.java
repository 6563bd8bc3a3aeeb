package io.blockplane.events.document;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/**
 * JSON text with holes in it: what stands before the first, between each two and after the last.
 *
 * @param pieces one more than there are holes
 */
public record Shape(List<String> pieces) {

    /** Nothing but a value. */
    public static final Shape VALUE = new Shape(List.of("", ""));

    public Shape {
        pieces = List.copyOf(pieces);
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("pieces: none (expected: at least 1)");
        }
    }

    public int holes() {
        return pieces.size() - 1;
    }

    /** A string as JSON has it. */
    public static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }
}
