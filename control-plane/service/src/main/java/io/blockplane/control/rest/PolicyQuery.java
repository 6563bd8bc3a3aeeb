package io.blockplane.control.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A filter of documents as MongoDB has it, as far as registries are asked: equality on dotted
 * paths, comparisons, {@code $in}, {@code $nin}, {@code $exists}, {@code $regex}, {@code $and},
 * {@code $or}, {@code $nor} and {@code $not}. Anything else is refused by its name.
 *
 * <p>As there, a condition on a list holds when it holds for the list or for one of its elements,
 * {@code $ne} and {@code $nin} when it does not, null is also a field that is not there, and
 * numbers compare by value.
 */
final class PolicyQuery {

    /** Deepest nesting. */
    static final int DEPTH = 16;

    /** Most conditions. */
    static final int CONDITIONS = 200;

    private static final TreeSet<String> COMBINATIONS =
            new TreeSet<>(List.of("$and", "$nor", "$or"));
    private static final TreeSet<String> OPERATORS =
            new TreeSet<>(
                    List.of(
                            "$eq",
                            "$exists",
                            "$gt",
                            "$gte",
                            "$in",
                            "$lt",
                            "$lte",
                            "$ne",
                            "$nin",
                            "$not",
                            "$options",
                            "$regex"));

    private int conditions;

    private PolicyQuery() {}

    /** Reads a filter; refuses one that is not as above. */
    static Predicate<JsonNode> of(JsonNode filter) {
        return new PolicyQuery().document("", filter, 0);
    }

    private Predicate<JsonNode> document(String at, JsonNode filter, int depth) {
        if (!filter.isObject()) {
            throw invalid(at, filter, "a filter: a JSON object");
        }
        if (depth > DEPTH) {
            throw invalid(at, null, "at most " + DEPTH + " levels");
        }
        List<Predicate<JsonNode>> all = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : filter.properties()) {
            String name = field.getKey();
            String path = at.isEmpty() ? name : at + "." + name;
            count(path);
            if (name.startsWith("$")) {
                all.add(combination(path, name, field.getValue(), depth));
            } else {
                Predicate<JsonNode> condition = condition(path, field.getValue(), depth);
                List<String> steps = List.of(name.split("\\.", -1));
                all.add(document -> condition.test(DottedPath.find(document, steps)));
            }
        }
        return document -> all.stream().allMatch(each -> each.test(document));
    }

    private Predicate<JsonNode> combination(String path, String name, JsonNode value, int depth) {
        if (!COMBINATIONS.contains(name)) {
            throw invalid(path, TextNode.valueOf(name), "a field, or one of " + COMBINATIONS);
        }
        if (!value.isArray() || value.isEmpty()) {
            throw invalid(path, value, "a list of filters with something in it");
        }
        List<Predicate<JsonNode>> parts = new ArrayList<>();
        for (JsonNode part : value) {
            parts.add(document(path + "[" + parts.size() + "]", part, depth + 1));
        }
        return switch (name) {
            case "$and" -> document -> parts.stream().allMatch(each -> each.test(document));
            case "$or" -> document -> parts.stream().anyMatch(each -> each.test(document));
            default -> document -> parts.stream().noneMatch(each -> each.test(document));
        };
    }

    /** What must hold of the values at a path: a {@link DottedPath} gives them as one list. */
    private Predicate<JsonNode> condition(String path, JsonNode wanted, int depth) {
        if (depth > DEPTH) {
            throw invalid(path, null, "at most " + DEPTH + " levels");
        }
        long operators =
                wanted.properties().stream().filter(e -> e.getKey().startsWith("$")).count();
        if (!wanted.isObject() || operators == 0) {
            return values -> Comparisons.anyEqual(values, wanted);
        }
        if (operators < wanted.size()) {
            throw invalid(path, wanted, "either operators or fields, not both");
        }
        List<Predicate<JsonNode>> all = new ArrayList<>();
        for (Map.Entry<String, JsonNode> operator : wanted.properties()) {
            count(path);
            all.add(operator(path, operator.getKey(), operator.getValue(), wanted, depth));
        }
        return values -> all.stream().allMatch(each -> each.test(values));
    }

    private Predicate<JsonNode> operator(
            String at, String name, JsonNode value, JsonNode all, int depth) {
        String path = at + "." + name;
        return switch (name) {
            case "$eq" -> values -> Comparisons.anyEqual(values, value);
            case "$ne" -> values -> !Comparisons.anyEqual(values, value);
            case "$in", "$nin" -> {
                if (!value.isArray()) {
                    throw invalid(path, value, "a list of values");
                }
                boolean in = name.equals("$in");
                yield values -> {
                    for (JsonNode each : value) {
                        if (Comparisons.anyEqual(values, each)) {
                            return in;
                        }
                    }
                    return !in;
                };
            }
            case "$gt" -> values -> Comparisons.any(values, value, order -> order > 0);
            case "$gte" -> values -> Comparisons.any(values, value, order -> order >= 0);
            case "$lt" -> values -> Comparisons.any(values, value, order -> order < 0);
            case "$lte" -> values -> Comparisons.any(values, value, order -> order <= 0);
            case "$exists" -> {
                if (!value.isBoolean() && !value.isNumber()) {
                    throw invalid(path, value, "true or false");
                }
                boolean wanted = value.asBoolean();
                yield values -> values.isEmpty() != wanted;
            }
            case "$not" -> {
                if (!value.isObject() || value.isEmpty()) {
                    throw invalid(path, value, "an object of operators");
                }
                Predicate<JsonNode> inner = condition(path, value, depth + 1);
                yield values -> !inner.test(values);
            }
            case "$regex" -> {
                BoundedRegex regex = BoundedRegex.of(path, value, all.path("$options"));
                yield values -> Comparisons.anyText(values, regex::finds);
            }
            case "$options" -> {
                if (!all.has("$regex")) {
                    throw invalid(path, value, "a $regex beside it");
                }
                yield _ -> true;
            }
            default -> throw invalid(at, TextNode.valueOf(name), "one of " + OPERATORS);
        };
    }

    private void count(String path) {
        if (++conditions > CONDITIONS) {
            throw invalid(path, MissingNode.getInstance(), "at most " + CONDITIONS + " conditions");
        }
    }

    private static Problem.Refused invalid(
            String path, @org.jspecify.annotations.Nullable JsonNode value, String expected) {
        return Problem.invalid(path.isEmpty() ? "(body)" : path, value, expected).refused();
    }
}
