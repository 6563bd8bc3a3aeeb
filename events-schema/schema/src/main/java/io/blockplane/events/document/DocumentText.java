package io.blockplane.events.document;

import io.blockplane.events.Json;
import java.util.List;

/** Writes documents as canonical JSON text. */
final class DocumentText {

    private final StringBuilder text = new StringBuilder();

    private DocumentText() {}

    static String of(Document document) {
        DocumentText writer = new DocumentText();
        writer.write(document);
        return writer.text.toString();
    }

    private void write(Document document) {
        switch (document) {
            case Document.Filled(Shape shape, List<Object> values) -> {
                List<String> pieces = shape.pieces();
                for (int i = 0; i < values.size(); i++) {
                    text.append(pieces.get(i));
                    value(values.get(i));
                }
                text.append(pieces.getLast());
            }
            case Document.Table table -> list(List.of(table));
            case Document.Listing(List<Document.Table> tables) -> list(tables);
            case Document.Mapping(Column names, Document.Listing members) -> {
                text.append('{');
                int name = 0;
                for (Document.Table table : members.tables()) {
                    for (int row = 0; row < table.rows(); row++) {
                        text.append(name == 0 ? "" : ",");
                        value(names.get(name++));
                        text.append(':');
                        row(table, row);
                    }
                }
                text.append('}');
            }
            case Document.Whole(Json value) -> text.append(value.text());
        }
    }

    private void list(List<Document.Table> tables) {
        text.append('[');
        String between = "";
        for (Document.Table table : tables) {
            for (int row = 0; row < table.rows(); row++) {
                text.append(between);
                row(table, row);
                between = ",";
            }
        }
        text.append(']');
    }

    private void row(Document.Table table, int row) {
        List<String> pieces = table.row().pieces();
        for (int i = 0; i < table.columns().size(); i++) {
            text.append(pieces.get(i));
            value(table.columns().get(i).get(row));
        }
        text.append(pieces.getLast());
    }

    private void value(Object value) {
        switch (value) {
            case Document document -> write(document);
            case String string -> text.append(Shape.quoted(string));
            default -> text.append(value);
        }
    }
}
