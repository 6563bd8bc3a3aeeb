package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.document.Column;
import io.blockplane.events.document.Document;
import io.blockplane.events.document.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.Value;

/**
 * Makes documents inside a sandbox: new dicts and lists at each call. A document of a known shape
 * is made of its values alone, and of those only what changed since the last one crosses the
 * border; any other goes in as JSON text. What the policy gets is the same both ways. On the
 * policy's thread only.
 */
final class GuestDocuments {

    /** Shapes of a sandbox that get a function; documents of others stay text. */
    static final int MAX_SHAPES = 64;

    /** A list of so many rows is made of its values at its first time already. */
    static final int MANY_ROWS = 32;

    private final Value decode;
    private final Value row;
    private final Value column;
    private final Value values;
    private final Value table;
    private final Value joined;
    private final Value mapping;
    private final Map<Shape, Value> functions = new HashMap<>();
    private final Set<Shape> seen = new HashSet<>();

    GuestDocuments(Sandbox sandbox) {
        this.decode = sandbox.guest("decode");
        Value guest = sandbox.guest("documents");
        this.row = guest.getMember("row");
        this.column = guest.getMember("column");
        this.values = guest.getMember("values");
        this.table = guest.getMember("table");
        this.joined = guest.getMember("joined");
        this.mapping = guest.getMember("mapping");
    }

    /** The columns of the last document of a kind, as they are inside. */
    static final class Memory {
        private final List<Held> columns = new ArrayList<>();
        private int used;

        private record Held(Column column, Value inside) {}

        private Value inside(Column wanted, Value maker) {
            Held held = used < columns.size() ? columns.get(used) : null;
            if (held == null || !held.column.equals(wanted)) {
                held = new Held(wanted, maker.execute(wanted.toArray()));
                if (used < columns.size()) {
                    columns.set(used, held);
                } else {
                    columns.add(held);
                }
            }
            used++;
            return held.inside;
        }

        private void begin() {
            used = 0;
        }

        private void end() {
            columns.subList(used, columns.size()).clear();
        }
    }

    /** The value inside, or its JSON text, which {@code decode} makes the same of. */
    Object make(Json value, Memory memory) {
        return make(Document.of(value), memory);
    }

    /** As {@link #make(Json, Memory)}. */
    Object make(Document document, Memory memory) {
        if (!prepared(document)) {
            return document.json().text();
        }
        memory.begin();
        Value made = value(document, memory);
        memory.end();
        return made;
    }

    /** Whether every shape of it has its function now. */
    private boolean prepared(Document document) {
        if (document instanceof Document.Whole) {
            return false;
        }
        Set<Shape> shapes = new HashSet<>();
        collect(document, shapes);
        boolean atOnce = isLarge(document);
        boolean all = true;
        // Each is looked at, so that the next document of these shapes finds all of them known.
        for (Shape shape : shapes) {
            all &= prepared(shape, atOnce);
        }
        return all;
    }

    private boolean prepared(Shape shape, boolean atOnce) {
        if (shape.equals(Shape.VALUE) || functions.containsKey(shape)) {
            return true;
        }
        if (functions.size() >= MAX_SHAPES) {
            return false;
        }
        boolean known = seen.contains(shape);
        if (!known && seen.size() < MAX_SHAPES) {
            seen.add(shape);
        }
        if (!known && !atOnce) {
            return false;
        }
        functions.put(shape, row.execute(shape.holes(), source(shape)));
        return true;
    }

    private static boolean isLarge(Document document) {
        return switch (document) {
            case Document.Filled filled ->
                    filled.values().stream()
                            .anyMatch(value -> value instanceof Document part && isLarge(part));
            case Document.Table rows -> rows.rows() >= MANY_ROWS;
            case Document.Listing list -> list.tables().stream().anyMatch(GuestDocuments::isLarge);
            case Document.Mapping map -> isLarge(map.members());
            case Document.Whole _ -> false;
        };
    }

    private static void collect(Document document, Set<Shape> shapes) {
        switch (document) {
            case Document.Filled filled -> {
                shapes.add(filled.shape());
                for (Object value : filled.values()) {
                    if (value instanceof Document part) {
                        collect(part, shapes);
                    }
                }
            }
            case Document.Table rows -> shapes.add(rows.row());
            case Document.Listing list -> list.tables().forEach(rows -> collect(rows, shapes));
            case Document.Mapping map -> collect(map.members(), shapes);
            case Document.Whole _ -> {}
        }
    }

    private Value value(Document document, Memory memory) {
        return switch (document) {
            case Document.Filled filled -> {
                Object[] arguments =
                        filled.values().stream()
                                .map(v -> v instanceof Document part ? value(part, memory) : v)
                                .toArray();
                yield function(filled.shape()).execute(arguments);
            }
            case Document.Table rows -> table(rows, memory);
            case Document.Listing list -> {
                Object[] lists = list.tables().stream().map(rows -> table(rows, memory)).toArray();
                yield switch (lists.length) {
                    case 0 -> values.execute(column.execute());
                    case 1 -> (Value) lists[0];
                    default -> joined.execute(lists);
                };
            }
            case Document.Mapping map -> {
                Value names = memory.inside(map.names(), column);
                yield mapping.execute(names, value(map.members(), memory));
            }
            case Document.Whole(Json whole) -> decode.execute(whole.text());
        };
    }

    private Value table(Document.Table rows, Memory memory) {
        if (rows.row().equals(Shape.VALUE)) {
            return values.execute(memory.inside(rows.columns().getFirst(), column));
        }
        List<Object> arguments = new ArrayList<>();
        arguments.add(function(rows.row()));
        rows.columns().forEach(each -> arguments.add(memory.inside(each, column)));
        return table.execute(arguments.toArray());
    }

    private Value function(Shape shape) {
        Value function = functions.get(shape);
        if (function == null) {
            throw new IllegalStateException("shape without a function: " + shape);
        }
        return function;
    }

    private static String source(Shape shape) {
        StringBuilder text = new StringBuilder(shape.pieces().getFirst());
        for (int hole = 0; hole < shape.holes(); hole++) {
            text.append('v').append(hole).append(shape.pieces().get(hole + 1));
        }
        return text.toString();
    }
}
