package io.blockplane.cli;

import io.blockplane.events.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON on a command line: as it stands there, or {@code @FILE}. */
final class JsonArgument {

    private JsonArgument() {}

    static Json read(String option, String argument) throws IOException {
        String text =
                argument.startsWith("@")
                        ? Files.readString(Path.of(argument.substring(1)))
                        : argument;
        try {
            return Json.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    option + ": " + Text.shorten(argument, 80) + " is " + e.getMessage(), e);
        }
    }

    static Json object(String option, String argument) throws IOException {
        Json value = read(option, argument);
        if (!value.node().isObject()) {
            throw new IOException(
                    option + ": " + Text.shorten(value.text(), 80) + " (expected: a JSON object)");
        }
        return value;
    }
}
