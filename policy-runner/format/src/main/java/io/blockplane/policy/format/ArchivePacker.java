package io.blockplane.policy.format;

import io.blockplane.policy.format.PolicyArchive.Checked;
import io.blockplane.policy.format.PolicyArchive.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes archives whose bytes depend on the files' paths and contents and on nothing else. */
final class ArchivePacker {

    /**
     * Not the earliest time that a zip can hold: at that one the JDK adds a time stamp of its own,
     * which depends on the time zone.
     */
    private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private ArchivePacker() {}

    static Checked pack(Path folder) throws IOException {
        Path code;
        if (Files.isRegularFile(folder.resolve(PolicyArchive.ENTRY_POINT))) {
            code = folder.resolve(PolicyArchive.CODE_FOLDER);
        } else if (Files.isRegularFile(folder.resolve("function.py"))) {
            code = folder;
        } else {
            return new Refused(
                    "folder: "
                            + folder
                            + " (expected: one with "
                            + PolicyArchive.ENTRY_POINT
                            + " in it, or the code folder itself)");
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(code)) {
            paths = walk.filter(path -> packed(code.relativize(path))).toList();
        }
        SortedMap<String, byte[]> files = new TreeMap<>();
        for (Path path : paths) {
            String name = PolicyArchive.CODE_FOLDER + code.relativize(path).toString();
            if (Files.isSymbolicLink(path)) {
                return new Refused(name + ": a symbolic link (expected: files and folders only)");
            }
            if (Files.isRegularFile(path)) {
                if (Files.size(path) > PolicyArchive.MAX_UNPACKED_BYTES) {
                    return new Refused(
                            "%s: %d bytes (expected: at most %d)"
                                    .formatted(
                                            name,
                                            Files.size(path),
                                            PolicyArchive.MAX_UNPACKED_BYTES));
                }
                files.put(name, Files.readAllBytes(path));
            }
        }
        return PolicyArchive.of(files);
    }

    private static boolean packed(Path relative) {
        for (Path name : relative) {
            String text = name.toString();
            if (text.startsWith(".") || text.equals("__pycache__") || text.endsWith(".pyc")) {
                return false;
            }
        }
        return true;
    }

    /** Stored, not deflated: deflate's output may change with the zlib that a JDK links. */
    static byte[] zip(SortedMap<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(file.getValue());
                ZipEntry entry = new ZipEntry(file.getKey());
                entry.setTimeLocal(ENTRY_TIME);
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(file.getValue().length);
                entry.setCrc(crc.getValue());
                zip.putNextEntry(entry);
                zip.write(file.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteArray();
    }
}
