package io.blockplane.simulator.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A tree of JSON to a record, where every component stands in the tree, and nothing else does.
 *
 * <p>Jackson's own binding skips what is missing in records, and its messages name the class
 * instead of the place in the file.
 */
final class RecordReader {

    private static final int VALUE_LENGTH_MAX = 60;

    private RecordReader() {}

    /**
     * Reads a record of strings, whole and decimal numbers, enums, lists and further records.
     *
     * @param path of the node, for messages
     * @throws IllegalArgumentException when the tree is not this record; the message names the
     *     path, the value and what was expected
     */
    static <R extends Record> R read(Class<R> type, JsonNode node, String path) {
        if (!(node instanceof ObjectNode object)) {
            throw wrong(path, node, "an object");
        }
        RecordComponent[] components = type.getRecordComponents();
        refuseUnknown(components, object, path);
        Class<?>[] types = new Class<?>[components.length];
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            types[i] = component.getType();
            values[i] = component(component, object, path);
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(type + " takes what its components are", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + " has its canonical constructor", e);
        }
    }

    /** What an error says. */
    static IllegalArgumentException wrong(String path, @Nullable Object value, String expected) {
        String text = String.valueOf(value);
        String shown =
                text.length() <= VALUE_LENGTH_MAX
                        ? text
                        : text.substring(0, VALUE_LENGTH_MAX - 1) + "…";
        return new IllegalArgumentException(
                (path.isEmpty() ? "the file" : path)
                        + ": "
                        + shown
                        + " (expected: "
                        + expected
                        + ")");
    }

    private static void refuseUnknown(
            RecordComponent[] components, ObjectNode object, String path) {
        List<String> known = Arrays.stream(components).map(RecordComponent::getName).toList();
        Set<String> unknown = new HashSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        known.forEach(unknown::remove);
        for (String name : unknown) {
            throw wrong(join(path, name), object.get(name), "no such field, but " + known);
        }
    }

    private static @Nullable Object component(
            RecordComponent component, ObjectNode object, String path) {
        String here = join(path, component.getName());
        @Nullable JsonNode value = object.get(component.getName());
        if (value == null) {
            throw wrong(here, "missing", expected(component.getGenericType()));
        }
        boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        return nullable && value.isNull() ? null : value(component.getGenericType(), value, here);
    }

    private static Object value(Type type, JsonNode node, String path) {
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return list(list.getActualTypeArguments()[0], node, path);
        }
        if (type instanceof Class<?> c && c.isRecord()) {
            return read(c.asSubclass(Record.class), node, path);
        }
        if (type instanceof Class<?> c && c.isEnum()) {
            for (Object constant : c.getEnumConstants()) {
                if (node.isTextual() && node.textValue().equals(constant.toString())) {
                    return constant;
                }
            }
            throw wrong(path, node, expected(type));
        }
        if (type == String.class && node.isTextual()) {
            return node.textValue();
        }
        if ((type == long.class || type == Long.class) && whole(node) && node.canConvertToLong()) {
            return node.longValue();
        }
        if ((type == int.class || type == Integer.class) && whole(node) && node.canConvertToInt()) {
            return node.intValue();
        }
        if ((type == double.class || type == Double.class)
                && node.isNumber()
                && Double.isFinite(node.doubleValue())) {
            return node.doubleValue();
        }
        throw wrong(path, node, expected(type));
    }

    private static List<Object> list(Type element, JsonNode node, String path) {
        if (!node.isArray()) {
            throw wrong(path, node, "an array");
        }
        List<Object> values = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            values.add(value(element, node.get(i), path + "[" + i + "]"));
        }
        return values;
    }

    private static boolean whole(JsonNode node) {
        return node.isIntegralNumber();
    }

    private static String expected(Type type) {
        if (type instanceof ParameterizedType) {
            return "an array";
        }
        Class<?> c = (Class<?>) type;
        if (c.isEnum()) {
            return Arrays.stream(c.getEnumConstants())
                    .map(Object::toString)
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        return switch (c.getSimpleName().toLowerCase(Locale.ROOT)) {
            case "string" -> "text";
            case "long" -> "a whole number of 64 bits";
            case "int", "integer" -> "a whole number of 32 bits";
            case "double" -> "a finite number";
            default -> "an object";
        };
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
