package io.blockplane.simulator.backtest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.simulator.Chance;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** Points in a space of parameters, and which of them are best. */
public final class Sweep {

    /** Points of a grid, at most. */
    public static final int MAX_POINTS = 100_000;

    private static final String SETTING = "settings.";

    private Sweep() {}

    /**
     * What came of one point.
     *
     * @param instanceSeconds mean over the seeds
     * @param sloAttainment likewise
     */
    public record Outcome(
            Point point,
            double instanceSeconds,
            double sloAttainment,
            double p99Ms,
            double scaleActions) {}

    /**
     * Values of some parameters and settings.
     *
     * @param parameters an object, as a policy's
     * @param settings likewise
     */
    public record Point(Json parameters, Json settings) {

        static final Point NOTHING = new Point(Json.EMPTY_OBJECT, Json.EMPTY_OBJECT);

        private Point with(String name, JsonNode value) {
            return name.startsWith(SETTING)
                    ? new Point(parameters, set(settings, name.substring(SETTING.length()), value))
                    : new Point(set(parameters, name, value), settings);
        }

        private static Json set(Json object, String path, JsonNode value) {
            ObjectNode root = object.object();
            ObjectNode at = root;
            String[] names = path.split("/", -1);
            for (int i = 0; i < names.length - 1; i++) {
                at = at.path(names[i]) instanceof ObjectNode inner ? inner : at.putObject(names[i]);
            }
            at.set(names[names.length - 1], value);
            return Json.of(root);
        }

        /** In one line. */
        public String text() {
            String own = parameters.text().replace("\"", "");
            return settings.equals(Json.EMPTY_OBJECT)
                    ? own
                    : own + " settings " + settings.text().replace("\"", "");
        }
    }

    /**
     * One parameter and what it may be.
     *
     * @param values JSON values, or the two ends of a range
     */
    public record Axis(String name, List<JsonNode> values, boolean range) {

        public Axis {
            values = List.copyOf(values);
        }

        /**
         * Reads {@code name=1,2,3} or {@code name=1..3}.
         *
         * @throws IllegalArgumentException when it is neither
         */
        public static Axis parse(String text) {
            int equals = text.indexOf('=');
            if (equals < 1 || equals == text.length() - 1) {
                throw wrong(text);
            }
            String name = text.substring(0, equals);
            String values = text.substring(equals + 1);
            int dots = values.indexOf("..");
            if (dots > 0) {
                JsonNode low = value(text, values.substring(0, dots));
                JsonNode high = value(text, values.substring(dots + 2));
                if (!low.isNumber() || !high.isNumber() || low.asDouble() > high.asDouble()) {
                    throw wrong(text);
                }
                return new Axis(name, List.of(low, high), true);
            }
            List<JsonNode> parsed = new ArrayList<>();
            for (String value : values.split(",", -1)) {
                parsed.add(value(text, value));
            }
            return new Axis(name, parsed, false);
        }

        private static JsonNode value(String whole, String text) {
            if (text.isBlank()) {
                throw wrong(whole);
            }
            try {
                return Json.parse(text).node();
            } catch (IllegalArgumentException e) {
                // A word is a string.
                return EventJson.MAPPER.getNodeFactory().textNode(text.strip());
            }
        }

        private JsonNode draw(SplittableRandom random) {
            if (!range) {
                return values.get(random.nextInt(values.size()));
            }
            JsonNode low = values.getFirst();
            JsonNode high = values.getLast();
            if (low.isIntegralNumber() && high.isIntegralNumber()) {
                long drawn = low.asLong() + random.nextLong(high.asLong() - low.asLong() + 1);
                return EventJson.MAPPER.getNodeFactory().numberNode(drawn);
            }
            double drawn =
                    low.asDouble() + random.nextDouble() * (high.asDouble() - low.asDouble());
            return EventJson.MAPPER.getNodeFactory().numberNode(drawn);
        }

        private static IllegalArgumentException wrong(String text) {
            return new IllegalArgumentException(
                    "param: %s (expected: NAME=1,2,3 or NAME=1..3)".formatted(text));
        }
    }

    /** Every combination, the last axis fastest. */
    public static List<Point> grid(List<Axis> axes) {
        List<Point> points = List.of(Point.NOTHING);
        for (Axis axis : axes) {
            if (axis.range()) {
                throw new IllegalArgumentException(
                        "param: %s is a range (expected: a list, or --random)"
                                .formatted(axis.name()));
            }
            List<Point> next = new ArrayList<>();
            for (Point point : points) {
                axis.values().forEach(value -> next.add(point.with(axis.name(), value)));
            }
            if (next.size() > MAX_POINTS) {
                throw new IllegalArgumentException(
                        "param: more than %d points (expected: fewer, or --random)"
                                .formatted(MAX_POINTS));
            }
            points = next;
        }
        return points;
    }

    /** So many points, drawn; equal ones once. */
    public static List<Point> random(List<Axis> axes, int count, long seed) {
        SplittableRandom random = Chance.of(seed, Chance.Stream.SWEEP, 0);
        Set<Point> points = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            Point point = Point.NOTHING;
            for (Axis axis : axes) {
                point = point.with(axis.name(), axis.draw(random));
            }
            points.add(point);
        }
        return List.copyOf(points);
    }

    /**
     * The Pareto front, cheapest first: of each of these, no other is cheaper, or as cheap, and
     * meets the objective more often.
     */
    public static List<Outcome> front(List<Outcome> outcomes) {
        List<Outcome> cheapestFirst =
                outcomes.stream()
                        .sorted(
                                Comparator.comparingDouble(Outcome::instanceSeconds)
                                        .thenComparing(
                                                Outcome::sloAttainment, Comparator.reverseOrder())
                                        .thenComparing(o -> o.point().text()))
                        .toList();
        List<Outcome> front = new ArrayList<>();
        double best = -1;
        for (Outcome outcome : cheapestFirst) {
            if (outcome.sloAttainment() > best) {
                front.add(outcome);
                best = outcome.sloAttainment();
            }
        }
        return front;
    }
}
