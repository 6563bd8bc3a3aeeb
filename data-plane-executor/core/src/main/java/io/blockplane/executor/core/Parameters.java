package io.blockplane.executor.core;

import io.blockplane.events.Json;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads numbers of a JSON object by name. The first that is not as it must be is kept as the
 * refusal, and its default is given in its place; so is a member that nobody asked for.
 */
final class Parameters {

    private final String path;
    private final Map<String, Json> members;
    private final Set<String> known = new TreeSet<>();
    private @Nullable Refusal refusal;

    /**
     * Begins.
     *
     * @param path of the object, for refusals
     */
    Parameters(String path, Json object) {
        this.path = path;
        boolean isObject = object.text().startsWith("{");
        this.members = isObject ? new TreeMap<>(object.members()) : Map.of();
        if (!isObject) {
            refusal = new Refusal(path, object.text(), "a JSON object");
        }
    }

    /** A number from least to most. */
    double number(String name, double standard, double least, double most) {
        known.add(name);
        Json given = members.get(name);
        if (given == null) {
            return standard;
        }
        Double value = parsed(given.text());
        if (value == null || value < least || value > most) {
            refuse(name, given, "a number from %s to %s".formatted(plain(least), plain(most)));
            return standard;
        }
        return value;
    }

    /** A whole number from least to most. */
    int whole(String name, int standard, int least, int most) {
        known.add(name);
        Json given = members.get(name);
        if (given == null) {
            return standard;
        }
        Double value = parsed(given.text());
        if (value == null || value != Math.rint(value) || value < least || value > most) {
            refuse(name, given, "a whole number from %d to %d".formatted(least, most));
            return standard;
        }
        return value.intValue();
    }

    /** A time in whole milliseconds. */
    Duration millis(String name, Duration standard, Duration least, Duration most) {
        return Duration.ofMillis(
                whole(
                        name,
                        Math.toIntExact(standard.toMillis()),
                        Math.toIntExact(least.toMillis()),
                        Math.toIntExact(most.toMillis())));
    }

    /** The first refusal; null when all is well. To be asked last. */
    @Nullable Refusal refusal() {
        if (refusal == null) {
            for (Map.Entry<String, Json> member : members.entrySet()) {
                if (!known.contains(member.getKey())) {
                    refuse(
                            member.getKey(),
                            member.getValue(),
                            known.isEmpty()
                                    ? "no parameters"
                                    : "one of " + String.join(", ", known));
                }
            }
        }
        return refusal;
    }

    private void refuse(String name, Json given, String expected) {
        if (refusal == null) {
            refusal = new Refusal(path + "." + name, given.text(), expected);
        }
    }

    private static @Nullable Double parsed(String text) {
        try {
            double value = Double.parseDouble(text);
            return Double.isFinite(value) ? value : null;
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
