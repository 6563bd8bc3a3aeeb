package io.blockplane.events.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes one JSON value apart. Small objects become part of the shape, lists become tables, objects
 * with many members become mappings; what is none of these stays whole.
 */
final class Division {

    /** An object with more members has names that are data. */
    static final int MAX_MEMBERS = 32;

    /** A list of more runs of equal shapes stays whole. */
    static final int MAX_RUNS = 8;

    /** What has more holes stays whole. */
    static final int MAX_HOLES = 256;

    /** What is deeper stays whole. */
    static final int MAX_DEPTH = 16;

    private final boolean inRow;
    private final List<String> pieces = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private StringBuilder piece = new StringBuilder();

    private Division(boolean inRow) {
        this.inRow = inRow;
    }

    static Document of(Json value) {
        JsonNode node = value.node();
        Division division = new Division(/* inRow= */ false);
        return node.isObject() && division.add(node, 0)
                ? new Document.Filled(division.shape(), division.values)
                : new Document.Whole(value);
    }

    private Shape shape() {
        pieces.add(piece.toString());
        return new Shape(pieces);
    }

    /** Whether it could be taken in. */
    private boolean add(JsonNode node, int depth) {
        if (depth > MAX_DEPTH || values.size() >= MAX_HOLES) {
            return false;
        }
        return switch (node.getNodeType()) {
            case OBJECT -> object((ObjectNode) node, depth);
            case ARRAY -> array(node, depth);
            case NULL -> {
                piece.append("null");
                yield true;
            }
            default -> {
                Object scalar = scalar(node);
                yield scalar != null && hole(scalar);
            }
        };
    }

    private boolean hole(Object value) {
        pieces.add(piece.toString());
        piece = new StringBuilder();
        values.add(value);
        return true;
    }

    private boolean object(ObjectNode node, int depth) {
        if (node.size() > MAX_MEMBERS) {
            return !inRow && hole(mapping(node));
        }
        piece.append('{');
        String between = "";
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            if (!isAscii(member.getKey())) {
                return false;
            }
            piece.append(between).append(Shape.quoted(member.getKey())).append(':');
            if (!add(member.getValue(), depth + 1)) {
                return false;
            }
            between = ",";
        }
        piece.append('}');
        return true;
    }

    private boolean array(JsonNode node, int depth) {
        if (!inRow && !node.isEmpty()) {
            Document.Listing listing = listing(node);
            return hole(listing == null ? new Document.Whole(Json.of(node)) : listing);
        }
        piece.append('[');
        String between = "";
        for (JsonNode element : node) {
            piece.append(between);
            if (!add(element, depth + 1)) {
                return false;
            }
            between = ",";
        }
        piece.append(']');
        return true;
    }

    private static Document mapping(ObjectNode node) {
        Document.Listing members = listing(node);
        if (members == null) {
            return new Document.Whole(Json.of(node));
        }
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return new Document.Mapping(Column.of(names), members);
    }

    /** The elements of a list, or the members of an object; null when they stay whole. */
    private static Document.@Nullable Listing listing(JsonNode parent) {
        List<Document.Table> tables = new ArrayList<>();
        Shape shape = null;
        List<List<Object>> rows = new ArrayList<>();
        for (JsonNode element : parent) {
            Division row = new Division(/* inRow= */ true);
            if (!row.add(element, 0) || row.values.isEmpty()) {
                return null;
            }
            Shape next = row.shape();
            if (shape != null && !next.equals(shape)) {
                tables.add(table(shape, rows));
                rows.clear();
            }
            if (tables.size() >= MAX_RUNS) {
                return null;
            }
            shape = next;
            rows.add(row.values);
        }
        if (shape != null) {
            tables.add(table(shape, rows));
        }
        return new Document.Listing(tables);
    }

    private static Document.Table table(Shape shape, List<List<Object>> rows) {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < shape.holes(); i++) {
            int hole = i;
            columns.add(Column.of(rows.stream().map(row -> row.get(hole)).toList()));
        }
        return new Document.Table(shape, columns);
    }

    /** Null when it is no scalar of the kinds that documents have. */
    private static @Nullable Object scalar(JsonNode node) {
        if (node.isTextual()) {
            return node.textValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        if (node.isIntegralNumber()) {
            return node.canConvertToLong() ? (Object) node.longValue() : null;
        }
        return node.isDouble() ? (Object) node.doubleValue() : null;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 128);
    }
}
