package io.blockplane.simulator.workload;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.EventJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The traces of Mooncake (FAST 2025): JSON lines with {@code timestamp} (milliseconds), {@code
 * input_length}, {@code output_length} and {@code hash_ids} of the prompt's blocks of 512 tokens.
 * Requests whose prompts begin with the same blocks are of one session: the request whose prompt is
 * the longest known beginning of this one's is the one before it.
 */
public final class MooncakeTrace {

    private MooncakeTrace() {}

    /**
     * Reads one.
     *
     * @throws IOException when it can't be read or is no such trace; the message names file, line,
     *     field and value
     */
    public static Workload read(String name, String sha256, BufferedReader text)
            throws IOException {
        Lines lines = new Lines(name, text);
        List<Request> requests = new ArrayList<>();
        Map<Integer, String> sessionOfBlock = new HashMap<>();
        Map<String, Long> counts = new HashMap<>();
        long lastMs = 0;
        for (String line = lines.next(); line != null; line = lines.next()) {
            JsonNode row = parse(lines, line);
            long ms = number(lines, row, "timestamp");
            if (ms < lastMs) {
                throw lines.wrong("timestamp", Long.toString(ms), "not before the line above");
            }
            lastMs = ms;
            String session = session(lines, row, requests.size(), sessionOfBlock);
            requests.add(
                    Request.of(
                            requests.size(),
                            ms * 1_000_000,
                            session,
                            counts.merge(session, 1L, Long::sum) - 1,
                            lines.tokens("input_length", text(lines, row, "input_length")),
                            lines.tokens("output_length", text(lines, row, "output_length"))));
        }
        if (requests.isEmpty()) {
            throw new IOException(name + ": no lines (expected: at least one)");
        }
        return new Workload("mooncake", name, sha256, 0, requests);
    }

    /** That of the last block of the prompt that was seen before, or a new one. */
    private static String session(
            Lines lines, JsonNode row, int index, Map<Integer, String> sessionOfBlock)
            throws IOException {
        JsonNode hashes = row.path("hash_ids");
        if (!hashes.isArray()) {
            throw lines.wrong("hash_ids", hashes.toString(), "a list of numbers");
        }
        String session = "prompt-" + index;
        // The first block is the system prompt that many conversations share.
        for (int i = hashes.size() - 1; i >= 1; i--) {
            String known = sessionOfBlock.get(hashes.get(i).asInt());
            if (known != null) {
                session = known;
                break;
            }
        }
        for (JsonNode hash : hashes) {
            if (!hash.isIntegralNumber()) {
                throw lines.wrong("hash_ids", hash.toString(), "whole numbers");
            }
            sessionOfBlock.putIfAbsent(hash.asInt(), session);
        }
        return session;
    }

    private static JsonNode parse(Lines lines, String line) throws IOException {
        try {
            return EventJson.MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw lines.wrong("line", line.substring(0, Math.min(60, line.length())), "JSON");
        }
    }

    private static long number(Lines lines, JsonNode row, String field) throws IOException {
        JsonNode value = row.path(field);
        if (!value.isNumber() || value.asLong() < 0) {
            throw lines.wrong(field, value.toString(), "a number from 0 on");
        }
        return value.asLong();
    }

    private static String text(Lines lines, JsonNode row, String field) throws IOException {
        JsonNode value = row.path(field);
        if (!value.isNumber()) {
            throw lines.wrong(field, value.toString(), "a number");
        }
        return value.asText();
    }
}
