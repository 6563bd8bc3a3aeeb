package io.blockplane.simulator.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.blockplane.events.EventJson;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A {@link BacktestResult} as a file of JSON, and back. Strict on both ways: what is missing,
 * unknown, of another type or at odds with the rest is refused, and the message names its path.
 *
 * <p>{@code {"format": "blockplane.backtest-result", "version": 1, "result": {...}}}; the fields
 * are the records' components, and those that may be null are written as null.
 */
public final class ResultFile {

    public static final String FORMAT = "blockplane.backtest-result";

    /** Moved when a field comes, goes or changes its meaning. */
    public static final int VERSION = 1;

    private static final ObjectMapper MAPPER =
            EventJson.MAPPER
                    .copy()
                    .setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS)
                    .enable(SerializationFeature.INDENT_OUTPUT);

    /** The file's outermost object. */
    record Content(String format, int version, BacktestResult result) {}

    private ResultFile() {}

    /**
     * Writes the file anew; a crash leaves the old one or the new one, never half of one.
     *
     * @throws IllegalArgumentException when {@link #read} would refuse it, such as for a number
     *     that is none
     */
    public static void write(Path file, BacktestResult result) throws IOException {
        String text = encode(result);
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /**
     * Reads a file that {@link #write} wrote.
     *
     * @throws IOException when it can't be read
     * @throws IllegalArgumentException when it isn't such a file; the message names the file and
     *     the place in it
     */
    public static BacktestResult read(Path file) throws IOException {
        try {
            return decode(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": not JSON: not UTF-8", e);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        }
    }

    /**
     * The file's text.
     *
     * @throws IllegalArgumentException when {@link #decode} would refuse it
     */
    public static String encode(BacktestResult result) {
        String text;
        try {
            text = MAPPER.writeValueAsString(new Content(FORMAT, VERSION, result)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record can always be written", e);
        }
        BacktestResult back = decode(text);
        if (!back.equals(result)) {
            throw new IllegalStateException("a result that was written reads as another one");
        }
        return text;
    }

    /**
     * The result in a file's text.
     *
     * @throws IllegalArgumentException when it isn't one; the message names the path in it, the
     *     value and what was expected
     */
    public static BacktestResult decode(String text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + place(e), e);
        }
        JsonNode format = node.path("format");
        if (!format.asText().equals(FORMAT)) {
            throw RecordReader.wrong("format", shown(format), "\"" + FORMAT + "\"");
        }
        JsonNode version = node.path("version");
        if (!version.isInt() || version.intValue() != VERSION) {
            throw RecordReader.wrong("version", shown(version), String.valueOf(VERSION));
        }
        BacktestResult result = RecordReader.read(Content.class, node, "").result();
        ResultRules.check(result);
        return result;
    }

    private static Object shown(JsonNode node) {
        return node.isMissingNode() ? "missing" : node;
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null
                ? e.getOriginalMessage()
                : e.getOriginalMessage()
                        + " (line "
                        + e.getLocation().getLineNr()
                        + ", column "
                        + e.getLocation().getColumnNr()
                        + ")";
    }
}
