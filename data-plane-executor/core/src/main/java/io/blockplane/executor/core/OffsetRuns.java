package io.blockplane.executor.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Which offsets are open, as text for a commit's metadata: {@code r1:} and, in Base64, the lengths
 * of the runs that follow the commit's offset, open and finished ones in turn, each a little-endian
 * base-128 number. Ends with a finished run: what comes after it was never read or is open at the
 * very end. Nothing to say is the empty text.
 *
 * @param open ascending
 * @param end the offset after the last one read, above all open ones
 */
record OffsetRuns(List<Long> open, long end) {

    private static final String PREFIX = "r1:";
    private static final int MAX_NUMBER_BYTES = 4;

    OffsetRuns {
        open = List.copyOf(open);
    }

    String encode() {
        if (open.isEmpty()) {
            return "";
        }
        byte[] bytes = new byte[2 * open.size() * MAX_NUMBER_BYTES];
        int size = 0;
        int i = 0;
        while (i < open.size()) {
            int run = 1;
            while (i + run < open.size() && open.get(i + run) == open.get(i) + run) {
                run++;
            }
            long afterRun = open.get(i) + run;
            i += run;
            long finishedUntil = i < open.size() ? open.get(i) : end;
            if (finishedUntil > afterRun) {
                size = putNumber(bytes, size, run);
                size = putNumber(bytes, size, finishedUntil - afterRun);
            }
        }
        return size == 0
                ? ""
                : PREFIX
                        + Base64.getEncoder()
                                .withoutPadding()
                                .encodeToString(Arrays.copyOf(bytes, size));
    }

    /**
     * Reads what {@link #encode} wrote for a commit at this offset. Open offsets at the very end
     * are not in the text: they are read again as new ones.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static OffsetRuns decode(long offset, String metadata) {
        if (metadata.isEmpty()) {
            return new OffsetRuns(List.of(), offset);
        }
        if (!metadata.startsWith(PREFIX)) {
            throw new IllegalArgumentException(
                    "commit metadata: " + metadata + " (expected: " + PREFIX + " and Base64)");
        }
        List<Long> lengths =
                numbers(Base64.getDecoder().decode(metadata.substring(PREFIX.length())));
        List<Long> open = new ArrayList<>();
        long at = offset;
        for (int i = 0; i < lengths.size(); i++) {
            long length = lengths.get(i);
            if (length < 1 || length > InboxProgress.MAX_SPAN) {
                throw new IllegalArgumentException(
                        "commit metadata: run of %d (expected: 1 to %d)"
                                .formatted(length, InboxProgress.MAX_SPAN));
            }
            for (long k = 0; i % 2 == 0 && k < length; k++) {
                open.add(at + k);
            }
            at += length;
        }
        return new OffsetRuns(open, at);
    }

    private static List<Long> numbers(byte[] bytes) {
        List<Long> numbers = new ArrayList<>();
        long number = 0;
        int shift = 0;
        for (byte b : bytes) {
            if (shift == 7 * MAX_NUMBER_BYTES) {
                throw new IllegalArgumentException("commit metadata: a number is too long");
            }
            number |= (long) (b & 0x7f) << shift;
            shift += 7;
            if (b >= 0) {
                numbers.add(number);
                number = 0;
                shift = 0;
            }
        }
        if (shift != 0) {
            throw new IllegalArgumentException("commit metadata: the last number is cut off");
        }
        return numbers;
    }

    private static int putNumber(byte[] bytes, int at, long number) {
        int i = at;
        long rest = number;
        while (rest >= 0x80) {
            bytes[i++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[i++] = (byte) rest;
        return i;
    }
}
