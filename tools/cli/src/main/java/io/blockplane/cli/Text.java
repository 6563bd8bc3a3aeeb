package io.blockplane.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import java.util.List;

/** How things look on a terminal. */
public final class Text {

    private Text() {}

    public static String pretty(JsonNode node) {
        try {
            return EventJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /** Columns as wide as their widest cell, two spaces between. */
    public static String table(List<String> head, List<List<String>> rows) {
        int[] width = head.stream().mapToInt(String::length).toArray();
        for (List<String> row : rows) {
            for (int c = 0; c < width.length; c++) {
                width[c] = Math.max(width[c], row.get(c).length());
            }
        }
        StringBuilder out = new StringBuilder();
        line(out, width, head);
        rows.forEach(row -> line(out, width, row));
        return out.toString();
    }

    /** At most so many characters, the cut marked. */
    public static String shorten(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }

    private static void line(StringBuilder out, int[] width, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < width.length; c++) {
            line.append(cells.get(c)).append(" ".repeat(width[c] - cells.get(c).length() + 2));
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }
}
