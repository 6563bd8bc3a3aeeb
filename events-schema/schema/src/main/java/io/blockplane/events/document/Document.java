package io.blockplane.events.document;

import io.blockplane.events.Json;
import java.util.List;

/** A JSON value in parts. */
public sealed interface Document {

    /**
     * Something that is there once.
     *
     * @param values one for each hole: a String, Long, Double, Boolean or Document
     */
    record Filled(Shape shape, List<Object> values) implements Document {
        public Filled {
            values = List.copyOf(values);
            check("values", values.size(), shape.holes());
        }
    }

    /**
     * A list of things of one shape.
     *
     * @param columns one for each hole of the shape, at least one, all as long as the table
     */
    record Table(Shape row, List<Column> columns) implements Document {
        public Table {
            columns = List.copyOf(columns);
            check("columns", columns.size(), row.holes());
            for (Column column : columns) {
                check("rows of a column", column.size(), columns.getFirst().size());
            }
        }

        public int rows() {
            return columns.getFirst().size();
        }
    }

    /** A list that is these tables, one after another. */
    record Listing(List<Table> tables) implements Document {
        public Listing {
            tables = List.copyOf(tables);
        }
    }

    /**
     * An object whose names are data.
     *
     * @param names strings, no two the same
     * @param members in the order of the names
     */
    record Mapping(Column names, Listing members) implements Document {
        public Mapping {
            int rows = members.tables().stream().mapToInt(Table::rows).sum();
            check("members", rows, names.size());
        }
    }

    /** Something that is not taken apart. */
    record Whole(Json value) implements Document {}

    /** In parts, if it pays; else {@link Whole}. */
    static Document of(Json value) {
        return Division.of(value);
    }

    /** In one piece. */
    default Json json() {
        return this instanceof Whole(Json value) ? value : new Json(DocumentText.of(this));
    }

    /**
     * SHA-256 of its parts, hex: of the shapes, and of the values in their binary form. It tells
     * documents apart that are made in the same way; another way to take the same JSON apart has
     * another one.
     */
    default String digest() {
        return DocumentDigest.of(this);
    }

    private static void check(String name, int found, int expected) {
        if (found != expected) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: %d)".formatted(name, found, expected));
        }
    }
}
