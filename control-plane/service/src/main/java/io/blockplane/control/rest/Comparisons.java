package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** How MongoDB compares: a value, or when it is a list one of its elements. */
final class Comparisons {

    private Comparisons() {}

    /** Whether one of the values, or an element of one, is equal; no value at all equals null. */
    static boolean anyEqual(JsonNode values, JsonNode wanted) {
        return values.isEmpty() ? wanted.isNull() : any(values, value -> equal(value, wanted));
    }

    /** Whether one is of the same type and its order to the wanted value is as asked for. */
    static boolean any(JsonNode values, JsonNode wanted, IntPredicate order) {
        return any(
                values,
                value -> {
                    OptionalInt compared = compare(value, wanted);
                    return compared.isPresent() && order.test(compared.getAsInt());
                });
    }

    static boolean anyText(JsonNode values, Predicate<String> test) {
        return any(values, value -> value.isTextual() && test.test(value.textValue()));
    }

    private static boolean any(JsonNode values, Predicate<JsonNode> test) {
        for (JsonNode value : values) {
            if (test.test(value)) {
                return true;
            }
            if (value.isArray()) {
                for (JsonNode element : value) {
                    if (test.test(element)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean equal(JsonNode value, JsonNode wanted) {
        if (value.isNumber() && wanted.isNumber()) {
            return value.decimalValue().compareTo(wanted.decimalValue()) == 0;
        }
        return value.equals(wanted);
    }

    private static OptionalInt compare(JsonNode value, JsonNode wanted) {
        if (value.isNumber() && wanted.isNumber()) {
            return OptionalInt.of(value.decimalValue().compareTo(wanted.decimalValue()));
        }
        if (value.isTextual() && wanted.isTextual()) {
            return OptionalInt.of(value.textValue().compareTo(wanted.textValue()));
        }
        if (value.isBoolean() && wanted.isBoolean()) {
            return OptionalInt.of(Boolean.compare(value.booleanValue(), wanted.booleanValue()));
        }
        return OptionalInt.empty();
    }
}
