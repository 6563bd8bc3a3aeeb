package io.blockplane.executor.resp;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Commands and replies as bytes, both ways, within limits. No state. */
final class Wire {

    /** Parts of a command, elements of a reply. */
    static final int MAX_PARTS = 1024;

    /** Bytes of all parts of a command, or of a reply: one packet of the largest size and some. */
    static final int MAX_BYTES = 17 * 1024 * 1024;

    /** Bytes of a line: a length, a status, a command typed by hand. */
    static final int MAX_LINE_BYTES = 64 * 1024;

    private static final int MAX_DEPTH = 4;

    private Wire() {}

    /**
     * The next command; null when the other side has closed.
     *
     * @throws ProtocolException when it is none, or too large
     */
    static @Nullable Command readCommand(InputStream in) throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            if (first == '*') {
                int count = length(line(in), "parts", MAX_PARTS);
                if (count > 0) {
                    return Command.of(parts(in, count));
                }
                continue;
            }
            List<byte[]> typed = typed((char) first + line(in, first));
            if (!typed.isEmpty()) {
                return Command.of(typed);
            }
        }
    }

    /**
     * The next reply.
     *
     * @throws ProtocolException when it is none, or too large
     */
    static Reply readReply(InputStream in) throws IOException {
        return readReply(in, 0);
    }

    static void write(OutputStream out, Command command) throws IOException {
        header(out, '*', command.size());
        for (int i = 0; i < command.size(); i++) {
            bulk(out, command.part(i));
        }
    }

    static void write(OutputStream out, Reply reply) throws IOException {
        switch (reply) {
            case Reply.Simple(String text) -> line(out, "+" + text);
            case Reply.Failure(String text) -> line(out, "-" + text);
            case Reply.Whole(long value) -> line(out, ":" + value);
            case Reply.Bulk bulk -> bulk(out, bulk.bytes());
            case Reply.Null() -> line(out, "$-1");
            case Reply.NullList() -> line(out, "*-1");
            case Reply.Many(List<Reply> replies) -> {
                header(out, '*', replies.size());
                for (Reply one : replies) {
                    write(out, one);
                }
            }
        }
    }

    private static Reply readReply(InputStream in, int depth) throws IOException {
        int type = in.read();
        if (type < 0) {
            throw new EOFException("the server has closed the connection");
        }
        String line = line(in);
        return switch (type) {
            case '+' -> new Reply.Simple(line);
            case '-' -> new Reply.Failure(line);
            case ':' -> new Reply.Whole(number(line));
            case '$' ->
                    line.equals("-1")
                            ? new Reply.Null()
                            : new Reply.Bulk(content(in, length(line, "bytes", MAX_BYTES)));
            case '*' -> many(in, line, depth);
            default ->
                    throw new ProtocolException("type " + type + " (expected: one of + - : $ *)");
        };
    }

    private static Reply many(InputStream in, String line, int depth) throws IOException {
        if (line.equals("-1")) {
            return new Reply.NullList();
        }
        if (depth == MAX_DEPTH) {
            throw new ProtocolException("lists " + depth + " deep (expected: fewer)");
        }
        int count = length(line, "elements", MAX_PARTS);
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(readReply(in, depth + 1));
        }
        return new Reply.Many(replies);
    }

    private static List<byte[]> parts(InputStream in, int count) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        int room = MAX_BYTES;
        for (int i = 0; i < count; i++) {
            int type = in.read();
            if (type != '$') {
                throw new ProtocolException("type " + type + " (expected: $)");
            }
            int length = length(line(in), "bytes", room);
            parts.add(content(in, length));
            room -= length;
        }
        return parts;
    }

    private static byte[] content(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("closed within " + length + " bytes");
        }
        if (in.read() != '\r' || in.read() != '\n') {
            throw new ProtocolException("no end of line after " + length + " bytes");
        }
        return bytes;
    }

    /** A command as a person types it: words. */
    private static List<byte[]> typed(String line) throws ProtocolException {
        List<byte[]> parts = new ArrayList<>();
        for (String word : line.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                parts.add(word.getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        if (parts.size() > MAX_PARTS) {
            throw new ProtocolException(
                    parts.size() + " parts (expected: at most " + MAX_PARTS + ")");
        }
        return parts;
    }

    private static int length(String line, String what, int most) throws ProtocolException {
        long value = number(line);
        if (value < 0 || value > most) {
            throw new ProtocolException(
                    String.format(Locale.ROOT, "%s: %d (expected: 0 to %d)", what, value, most));
        }
        return (int) value;
    }

    private static long number(String line) throws ProtocolException {
        try {
            return Long.parseLong(line);
        } catch (NumberFormatException e) {
            throw new ProtocolException("number: " + line + " (expected: an integer)");
        }
    }

    private static String line(InputStream in) throws IOException {
        return line(in, 0);
    }

    /** Up to the end of the line; what was read before may be its first byte. */
    private static String line(InputStream in, int before) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int last = before;
        for (int next = before == '\n' ? before : in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("closed within a line");
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw new ProtocolException("line: longer than " + MAX_LINE_BYTES + " bytes");
            }
            line.write(next);
            last = next;
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return last == '\r' && !text.isEmpty() ? text.substring(0, text.length() - 1) : text;
    }

    private static void bulk(OutputStream out, byte[] bytes) throws IOException {
        header(out, '$', bytes.length);
        out.write(bytes);
        out.write('\r');
        out.write('\n');
    }

    private static void header(OutputStream out, char type, int length) throws IOException {
        line(out, type + Integer.toString(length));
    }

    private static void line(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.write('\r');
        out.write('\n');
    }
}
