package io.blockplane.windows;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes stored state: non-negative numbers in base 128, low digits first, and byte strings. */
final class StateWriter {

    private byte[] bytes = new byte[32];
    private int size;

    /** One number, 0 or more: 1 to 9 bytes. */
    StateWriter number(long value) {
        long rest = value;
        while (rest >= 0x80) {
            put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        put((byte) rest);
        return this;
    }

    StateWriter block(byte[] block) {
        number(block.length);
        for (byte b : block) {
            put(b);
        }
        return this;
    }

    StateWriter text(String text) {
        return block(text.getBytes(StandardCharsets.UTF_8));
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void put(byte b) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = b;
    }
}
