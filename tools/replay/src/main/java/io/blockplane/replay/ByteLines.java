package io.blockplane.replay;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Splits a stream into lines without making text of them. */
final class ByteLines {

    /** Longest line, bytes: a record of the largest size in base64, with its headers. */
    static final int MAX_LINE_BYTES = 32 * 1024 * 1024;

    private static final int START_BYTES = 256 * 1024;

    private final InputStream in;
    private byte[] buffer = new byte[START_BYTES];
    private int from;
    private int to;
    private int lineFrom;
    private int lineTo;

    ByteLines(InputStream in) {
        this.in = in;
    }

    /** Goes to the next line; false when there is none. */
    boolean next() throws IOException {
        int looked = from;
        while (true) {
            for (int i = looked; i < to; i++) {
                if (buffer[i] == '\n') {
                    lineFrom = from;
                    lineTo = i + 1;
                    from = i + 1;
                    return true;
                }
            }
            looked = to;
            if (from > 0) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                looked -= from;
                to -= from;
                from = 0;
            } else if (to == buffer.length) {
                grow();
            }
            int read = in.read(buffer, to, buffer.length - to);
            if (read < 0) {
                lineFrom = from;
                lineTo = to;
                from = to;
                return lineTo > lineFrom;
            }
            to += read;
        }
    }

    /** Where the line lies, until the next one. */
    byte[] buffer() {
        return buffer;
    }

    int offset() {
        return lineFrom;
    }

    /** With its end, unless the last one has none. */
    int length() {
        return lineTo - lineFrom;
    }

    private void grow() throws IOException {
        if (buffer.length >= MAX_LINE_BYTES) {
            throw new IOException(
                    "a line is longer than expected (expected: at most %d bytes)"
                            .formatted(MAX_LINE_BYTES));
        }
        buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
}
