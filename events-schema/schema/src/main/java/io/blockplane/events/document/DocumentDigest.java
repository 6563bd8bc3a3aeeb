package io.blockplane.events.document;

import io.blockplane.events.Json;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Hashes documents. What goes in says its own length or is of fixed length, so that no two
 * documents put the same bytes in. A change here makes recorded digests impossible to check.
 */
final class DocumentDigest {

    private static final int BUFFER_BYTES = 64 * 1024;

    private final MessageDigest digest;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private DocumentDigest() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    static String of(Document document) {
        DocumentDigest hash = new DocumentDigest();
        hash.document(document);
        hash.flush();
        return HexFormat.of().formatHex(hash.digest.digest());
    }

    private void document(Document document) {
        switch (document) {
            case Document.Filled(Shape shape, List<Object> values) -> {
                tag('F', values.size());
                shape(shape);
                values.forEach(this::value);
            }
            case Document.Table table -> {
                tag('T', table.rows());
                shape(table.row());
                table.columns().forEach(this::column);
            }
            case Document.Listing(List<Document.Table> tables) -> {
                tag('L', tables.size());
                tables.forEach(this::document);
            }
            case Document.Mapping(Column names, Document.Listing members) -> {
                tag('M', names.size());
                column(names);
                document(members);
            }
            case Document.Whole(Json whole) -> text('J', whole.text());
        }
    }

    private void shape(Shape shape) {
        tag('S', shape.pieces().size());
        shape.pieces().forEach(piece -> text('P', piece));
    }

    private void column(Column column) {
        double[] numbers = column.numbers();
        if (numbers == null) {
            tag('C', column.size());
            for (int row = 0; row < column.size(); row++) {
                value(column.get(row));
            }
            return;
        }
        tag('N', numbers.length);
        for (double number : numbers) {
            room(Double.BYTES).putDouble(number);
        }
    }

    private void value(Object value) {
        switch (value) {
            case Document document -> document(document);
            case String string -> text('s', string);
            case Long number -> {
                tag('i', Long.BYTES);
                room(Long.BYTES).putLong(number);
            }
            case Double number -> {
                tag('d', Double.BYTES);
                room(Double.BYTES).putDouble(number);
            }
            case Boolean truth -> tag('b', truth ? 1 : 0);
            default -> throw new IllegalArgumentException("value: a " + value.getClass());
        }
    }

    private void text(char kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        tag(kind, bytes.length);
        flush();
        digest.update(bytes);
    }

    private void tag(char kind, int size) {
        room(1 + Integer.BYTES).put((byte) kind).putInt(size);
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() {
        digest.update(buffer.array(), 0, buffer.position());
        buffer.clear();
    }
}
