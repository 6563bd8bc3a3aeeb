package io.blockplane.executor.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code text/event-stream} as its bytes come: gives the data of each event that is complete.
 * Lines end in LF, CR LF or CR; comments and other fields than data are passed over.
 */
final class ServerSentEvents {

    /** Of one event's data; longer ones are no tokens. */
    static final int MAX_EVENT_BYTES = 1024 * 1024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final StringBuilder data = new StringBuilder();
    private boolean anyData;
    private boolean afterCarriageReturn;

    /**
     * Takes more bytes.
     *
     * @return the events that they complete
     * @throws IOException when an event is too long
     */
    List<String> read(ByteBuffer bytes) throws IOException {
        List<String> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            boolean secondOfPair = afterCarriageReturn && b == '\n';
            afterCarriageReturn = b == '\r';
            if (b == '\n' || b == '\r') {
                if (!secondOfPair) {
                    endLine(events);
                }
            } else {
                line.write(b);
                if (line.size() + data.length() > MAX_EVENT_BYTES) {
                    throw new IOException("an event is longer than " + MAX_EVENT_BYTES + " bytes");
                }
            }
        }
        return events;
    }

    private void endLine(List<String> events) {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        if (text.isEmpty()) {
            if (anyData) {
                events.add(data.toString());
            }
            data.setLength(0);
            anyData = false;
        } else if (text.startsWith("data:")) {
            if (anyData) {
                data.append('\n');
            }
            data.append(text, text.startsWith("data: ") ? 6 : 5, text.length());
            anyData = true;
        }
    }
}
