package io.blockplane.policy;

import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts what a policy writes to a stream into lines. Used by the policy's thread only. */
final class PrintedLines extends OutputStream {

    private final String stream;
    private final byte[] line = new byte[Recording.MAX_LINE_BYTES];
    private int length;
    private boolean cut;
    private @Nullable Recording recording;

    PrintedLines(String stream) {
        this.stream = stream;
    }

    /** Lines go here from now on. */
    void begin(Recording to) {
        recording = to;
    }

    /** A call ends: a line without an end ends with it. */
    void end() {
        if (length > 0) {
            finishLine();
        }
        recording = null;
    }

    @Override
    public void write(int value) {
        if (value == '\n') {
            finishLine();
        } else if (length < line.length) {
            line[length++] = (byte) value;
        } else {
            cut = true;
        }
    }

    private void finishLine() {
        if (recording != null) {
            int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
            recording.print(stream, Arrays.copyOf(line, end), cut);
        }
        length = 0;
        cut = false;
    }
}
