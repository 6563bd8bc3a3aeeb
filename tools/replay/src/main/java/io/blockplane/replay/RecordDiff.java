package io.blockplane.replay;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A place where two records differ, as people can read it.
 *
 * @param field its path, {@code effects[2].line} for example
 * @param recorded what stands there in the log, the part around the difference when it is long
 * @param executed what came out instead
 */
public record RecordDiff(String field, String recorded, String executed) {

    /** A value is shown from so many characters before the difference on. */
    private static final int LEAD_CHARS = 20;

    private static final int SHOWN_CHARS = 120;

    static final int MAX_FIELDS = 20;

    private static final String ABSENT = "(nothing)";

    /** The first place of two texts that are not the same. */
    static RecordDiff of(String recorded, String executed) {
        return all(recorded, executed).getFirst();
    }

    /** Every place where they differ, at most {@value #MAX_FIELDS}, in the order of the record. */
    static List<RecordDiff> all(String recorded, String executed) {
        JsonNode before = Json.parse(recorded).node();
        JsonNode after = Json.parse(executed).node();
        List<RecordDiff> found = new ArrayList<>();
        if (before.equals(after)) {
            found.add(shortened("the text of the record", recorded, executed));
        } else {
            collect("", before, after, found);
        }
        return found;
    }

    private static void collect(
            String path, JsonNode before, JsonNode after, List<RecordDiff> found) {
        if (before.equals(after) || found.size() >= MAX_FIELDS) {
            return;
        }
        if (before.isObject() && after.isObject()) {
            Set<String> names = new LinkedHashSet<>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                String field = path.isEmpty() ? name : path + "." + name;
                collect(field, before.path(name), after.path(name), found);
            }
        } else if (before.isArray() && after.isArray()) {
            for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
                collect(path + "[" + i + "]", before.path(i), after.path(i), found);
            }
        } else {
            found.add(shortened(path, text(before), text(after)));
        }
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() ? ABSENT : value.toString();
    }

    private static RecordDiff shortened(String field, String recorded, String executed) {
        int same = 0;
        while (same < Math.min(recorded.length(), executed.length())
                && recorded.charAt(same) == executed.charAt(same)) {
            same++;
        }
        int from = Math.max(0, same - LEAD_CHARS);
        return new RecordDiff(field, part(recorded, from), part(executed, from));
    }

    private static String part(String text, int from) {
        int to = Math.min(text.length(), from + SHOWN_CHARS);
        return (from > 0 ? "..." : "")
                + text.substring(Math.min(from, to), to)
                + (to < text.length() ? "..." : "");
    }
}
