package io.blockplane.policy.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one archive as they are read, whatever its form: their number, each path, each
 * content while it is unpacked (never more than the limit is held), and at the end the tree and the
 * entry point.
 */
final class UnpackedFiles {

    private static final int MAX_SHOWN_CHARS = 100;

    private final SortedMap<String, byte[]> files = new TreeMap<>();
    private final Set<String> folders = new HashSet<>();
    private final Set<String> names = new HashSet<>();
    private final int archiveBytes;
    private long unpackedBytes;

    UnpackedFiles(int archiveBytes) {
        this.archiveBytes = archiveBytes;
    }

    /** An entry's name, before anything else of it is looked at. */
    void enter(String name) throws RefusedException {
        String wrong = wrongInPath(name);
        if (wrong != null) {
            throw new RefusedException(
                    "entry %s: %s (expected: a relative path inside the archive)"
                            .formatted(printable(name), wrong));
        }
        if (!names.add(name.endsWith("/") ? name.substring(0, name.length() - 1) : name)) {
            throw new RefusedException("entry " + printable(name) + ": twice in the archive");
        }
        checkCount(names.size());
    }

    void folder(String name) {
        folders.add(name.endsWith("/") ? name.substring(0, name.length() - 1) : name);
    }

    void file(String name, InputStream entry) throws IOException, RefusedException {
        long left = PolicyArchive.MAX_UNPACKED_BYTES - unpackedBytes;
        byte[] content = entry.readNBytes(Math.toIntExact(left + 1));
        if (content.length > left) {
            throw new RefusedException(
                    "entry %s: the archive unpacks to more than %d bytes (expected: at most that)"
                            .formatted(printable(name), PolicyArchive.MAX_UNPACKED_BYTES));
        }
        unpackedBytes += content.length;
        if (unpackedBytes > PolicyArchive.RATIO_FREE_BYTES
                && unpackedBytes > (long) PolicyArchive.MAX_RATIO * archiveBytes) {
            throw new RefusedException(
                    "entry %s: the archive unpacks to more than %d times its size (expected: at"
                                    .formatted(printable(name), PolicyArchive.MAX_RATIO)
                            + " most that)");
        }
        files.put(name, content);
    }

    /** Refuses an entry that is neither a file nor a folder. */
    static RefusedException refusedKind(String name, String kind) {
        return new RefusedException(
                "entry " + printable(name) + ": " + kind + " (expected: files and folders only)");
    }

    static void checkCount(int entries) throws RefusedException {
        if (entries > PolicyArchive.MAX_ENTRIES) {
            throw new RefusedException(
                    "archive: %d entries (expected: at most %d)"
                            .formatted(entries, PolicyArchive.MAX_ENTRIES));
        }
    }

    /** All names that were entered, folders without their slash. */
    Set<String> names() {
        return names;
    }

    /** All files, once every entry was read. */
    SortedMap<String, byte[]> finish() throws RefusedException {
        checkTree();
        checkEntryPoint();
        return files;
    }

    static @Nullable String wrongInPath(String name) {
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
                        ? "; function.py is at its root: pack the folder code, not what is in it"
                        : "";
        throw new RefusedException(
                "archive: %s is missing%s".formatted(PolicyArchive.ENTRY_POINT, hint));
    }

    private static String printable(String name) {
        String shown = name.replaceAll("[^\\x20-\\x7e]", "?");
        return shown.length() > MAX_SHOWN_CHARS
                ? shown.substring(0, MAX_SHOWN_CHARS) + "..."
                : shown;
    }
}
