package io.blockplane.policy;

import io.blockplane.policy.PolicyArchive.Accepted;
import io.blockplane.policy.PolicyArchive.Checked;
import io.blockplane.policy.PolicyArchive.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Checks and unpacks the bytes of a zip that nobody vouches for. In this order: size, the zip's
 * directory ({@link ZipDirectory}: number and kinds of entries), each path, each content while it
 * is unpacked (never more than the limit is held), the entry point.
 */
final class ArchiveReader {

    private final SortedMap<String, byte[]> files = new TreeMap<>();
    private final Set<String> folders = new HashSet<>();
    private final int archiveBytes;
    private long unpackedBytes;

    private ArchiveReader(int archiveBytes) {
        this.archiveBytes = archiveBytes;
    }

    static Checked read(byte[] zip) {
        if (zip.length > PolicyArchive.MAX_COMPRESSED_BYTES) {
            return new Refused(
                    "archive: %d bytes (expected: at most %d)"
                            .formatted(zip.length, PolicyArchive.MAX_COMPRESSED_BYTES));
        }
        try {
            ZipDirectory directory = ZipDirectory.of(zip);
            ArchiveReader reader = new ArchiveReader(zip.length);
            Set<String> unpacked = reader.unpack(zip);
            if (!unpacked.equals(directory.names())) {
                throw new RefusedException(
                        "archive: its directory and its entries disagree (expected: the same"
                                + " names in both)");
            }
            reader.checkEntryPoint();
            return new Accepted(new PolicyArchive(zip, reader.files));
        } catch (RefusedException e) {
            return new Refused(e.reason);
        } catch (IOException | IllegalArgumentException e) {
            return new Refused("archive: not a readable zip: " + e.getMessage());
        }
    }

    private Set<String> unpack(byte[] zip) throws IOException, RefusedException {
        Set<String> names = new HashSet<>();
        try (ZipInputStream entries =
                new ZipInputStream(new ByteArrayInputStream(zip), StandardCharsets.UTF_8)) {
            ZipEntry entry;
            while ((entry = entries.getNextEntry()) != null) {
                String name = entry.getName();
                checkPath(name);
                if (!names.add(name)) {
                    throw new RefusedException("entry " + name + ": twice in the archive");
                }
                if (entry.isDirectory()) {
                    folders.add(name.substring(0, name.length() - 1));
                } else {
                    files.put(name, content(name, entries));
                }
            }
        }
        checkTree();
        return names;
    }

    private byte[] content(String name, InputStream entry) throws IOException, RefusedException {
        long left = PolicyArchive.MAX_UNPACKED_BYTES - unpackedBytes;
        byte[] content = entry.readNBytes(Math.toIntExact(left + 1));
        if (content.length > left) {
            throw new RefusedException(
                    "entry %s: the archive unpacks to more than %d bytes (expected: at most that)"
                            .formatted(name, PolicyArchive.MAX_UNPACKED_BYTES));
        }
        unpackedBytes += content.length;
        if (unpackedBytes > PolicyArchive.RATIO_FREE_BYTES
                && unpackedBytes > (long) PolicyArchive.MAX_RATIO * archiveBytes) {
            throw new RefusedException(
                    "entry %s: the archive unpacks to more than %d times its size (expected: at"
                                    .formatted(name, PolicyArchive.MAX_RATIO)
                            + " most that)");
        }
        return content;
    }

    private static void checkPath(String name) throws RefusedException {
        String wrong = wrongInPath(name);
        if (wrong != null) {
            throw new RefusedException(
                    "entry %s: %s (expected: a relative path inside the archive)"
                            .formatted(printable(name), wrong));
        }
    }

    private static @Nullable String wrongInPath(String name) {
        if (name.length() > PolicyArchive.MAX_PATH_CHARS) {
            return "a path of " + name.length() + " characters";
        }
        if (name.startsWith("/") || name.matches("[A-Za-z]:.*")) {
            return "an absolute path";
        }
        if (name.indexOf('\\') >= 0 || name.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            return "a path with a backslash or a control character";
        }
        String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                return "a path that leaves the archive";
            }
            if (segment.isEmpty() || segment.equals(".")) {
                return "a path with an empty or '.' part";
            }
        }
        return null;
    }

    /** No path may be a file and a folder at once. */
    private void checkTree() throws RefusedException {
        for (String path : files.keySet()) {
            for (int i = path.indexOf('/'); i >= 0; i = path.indexOf('/', i + 1)) {
                folders.add(path.substring(0, i));
            }
        }
        for (String path : files.keySet()) {
            if (folders.contains(path)) {
                throw new RefusedException("entry " + path + ": a file and a folder at once");
            }
        }
    }

    private void checkEntryPoint() throws RefusedException {
        if (files.containsKey(PolicyArchive.ENTRY_POINT)) {
            return;
        }
        String hint =
                files.containsKey("function.py")
                        ? "; function.py is at its root: zip the folder code, not what is in it"
                        : "";
        throw new RefusedException(
                "archive: %s is missing%s".formatted(PolicyArchive.ENTRY_POINT, hint));
    }

    private static String printable(String name) {
        String shown = name.replaceAll("[^\\x20-\\x7e]", "?");
        return shown.length() > 100 ? shown.substring(0, 100) + "..." : shown;
    }

    /** Carries a refusal out of the steps of a check; never leaves this package's reader. */
    static final class RefusedException extends Exception {
        final String reason;

        RefusedException(String reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
