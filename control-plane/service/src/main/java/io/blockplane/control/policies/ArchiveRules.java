package io.blockplane.control.policies;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * What an archive must be to be stored: a zip that can be read to its end and holds {@code
 * code/function.py}. Whether the policy in it loads, the policy host finds out.
 */
public final class ArchiveRules {

    /** Largest archive, bytes. */
    public static final int BYTES = 8 * 1024 * 1024;

    /** Largest content of an archive when unpacked, bytes. */
    public static final int UNPACKED_BYTES = 64 * 1024 * 1024;

    /** Most files and folders in an archive. */
    public static final int ENTRIES = 10_000;

    private static final String FUNCTION = "code/function.py";
    private static final int CHUNK_BYTES = 64 * 1024;

    private ArchiveRules() {}

    /** What is wrong with an archive, for people: what it is and what was expected. */
    public static Optional<String> broken(byte[] archive) {
        if (archive.length > BYTES) {
            return Optional.of(archive.length + " bytes (expected: at most " + BYTES + ")");
        }
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            return broken(zip);
        } catch (IOException | IllegalArgumentException e) {
            // IllegalArgumentException: a name in it is no UTF-8.
            return Optional.of("not a readable zip: " + e.getMessage());
        }
    }

    private static Optional<String> broken(ZipInputStream zip) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        long unpacked = 0;
        int entries = 0;
        boolean function = false;
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (++entries > ENTRIES) {
                return Optional.of("more than " + ENTRIES + " entries");
            }
            if (leavesItsFolder(entry.getName())) {
                return Optional.of(
                        "entry " + entry.getName() + " (expected: a path inside the archive)");
            }
            for (int read = zip.read(chunk); read >= 0; read = zip.read(chunk)) {
                unpacked += read;
                if (unpacked > UNPACKED_BYTES) {
                    return Optional.of("more than " + UNPACKED_BYTES + " bytes when unpacked");
                }
            }
            function |= entry.getName().equals(FUNCTION);
        }
        if (entries == 0) {
            return Optional.of("not a zip, or an empty one");
        }
        return function
                ? Optional.empty()
                : Optional.of("no " + FUNCTION + " in it (expected: a folder code/ at its root)");
    }

    private static boolean leavesItsFolder(String name) {
        return name.startsWith("/") || name.contains("\\") || ("/" + name + "/").contains("/../");
    }
}
