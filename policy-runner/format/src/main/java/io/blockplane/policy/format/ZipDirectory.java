package io.blockplane.policy.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * The central directory of a zip: what {@link java.util.zip.ZipInputStream} doesn't read. It alone
 * says whether an entry is a symbolic link, and it is what other zip tools go by, so its names have
 * to be those of the entries.
 */
record ZipDirectory(Set<String> names) {

    ZipDirectory {
        names = Set.copyOf(names);
    }

    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int MAX_COMMENT_BYTES = 65_535;
    private static final int ENTRY_SIGNATURE = 0x02014b50;
    private static final int ENTRY_BYTES = 46;

    private static final int FILE_TYPE_BITS = 0170000;
    private static final int REGULAR = 0100000;
    private static final int FOLDER = 0040000;
    private static final int LINK = 0120000;

    static ZipDirectory of(byte[] zip) throws RefusedException {
        ByteBuffer bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int end = endRecord(bytes);
        int count = Short.toUnsignedInt(bytes.getShort(end + 10));
        UnpackedFiles.checkCount(count);
        Set<String> names = new HashSet<>();
        long at = Integer.toUnsignedLong(bytes.getInt(end + 16));
        for (int i = 0; i < count; i++) {
            if (at + ENTRY_BYTES > end || bytes.getInt((int) at) != ENTRY_SIGNATURE) {
                throw new RefusedException("archive: not a readable zip: its directory is broken");
            }
            int entry = (int) at;
            int nameBytes = Short.toUnsignedInt(bytes.getShort(entry + 28));
            if (at + ENTRY_BYTES + nameBytes > end) {
                throw new RefusedException("archive: not a readable zip: its directory is broken");
            }
            String name = new String(zip, entry + ENTRY_BYTES, nameBytes, StandardCharsets.UTF_8);
            checkKind(name, bytes.getInt(entry + 38) >>> 16);
            names.add(name);
            at +=
                    ENTRY_BYTES
                            + nameBytes
                            + Short.toUnsignedInt(bytes.getShort(entry + 30))
                            + Short.toUnsignedInt(bytes.getShort(entry + 32));
        }
        return new ZipDirectory(names);
    }

    private static int endRecord(ByteBuffer bytes) throws RefusedException {
        int last = bytes.capacity() - END_BYTES;
        for (int at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
            if (bytes.getInt(at) == END_SIGNATURE) {
                return at;
            }
        }
        throw new RefusedException(
                "archive: not a zip (expected: a zip with " + PolicyArchive.ENTRY_POINT + ")");
    }

    private static void checkKind(String name, int unixMode) throws RefusedException {
        int type = unixMode & FILE_TYPE_BITS;
        if (type == LINK) {
            throw UnpackedFiles.refusedKind(name, "a symbolic link");
        }
        if (type != 0 && type != REGULAR && type != FOLDER) {
            throw UnpackedFiles.refusedKind(name, "a special file");
        }
    }
}
