package io.blockplane.windows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what {@link StateWriter} wrote. State is written by this code only: bytes that end too
 * early are a bug or a broken store, and throw.
 */
final class StateReader {

    private final byte[] bytes;
    private int at;

    StateReader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean hasMore() {
        return at < bytes.length;
    }

    long number() {
        long value = 0;
        int shift = 0;
        while (true) {
            byte b = next();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
            shift += 7;
        }
    }

    int count() {
        return Math.toIntExact(number());
    }

    byte[] block() {
        int length = count();
        if (length > bytes.length - at) {
            throw new IllegalStateException(
                    "stored state ends within a block of " + length + " bytes at byte " + at);
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    String text() {
        return new String(block(), StandardCharsets.UTF_8);
    }

    private byte next() {
        if (at == bytes.length) {
            throw new IllegalStateException("stored state ends within a number at byte " + at);
        }
        return bytes[at++];
    }
}
