package io.blockplane.policy.format;

import io.blockplane.policy.format.PolicyArchive.Accepted;
import io.blockplane.policy.format.PolicyArchive.Checked;
import io.blockplane.policy.format.PolicyArchive.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Checks and unpacks the bytes of an archive that nobody vouches for: its size first, then its
 * form, which its bytes show and not its name, then entry by entry by the same rules for all forms,
 * see {@link UnpackedFiles}. Of a zip the directory is read first ({@link ZipDirectory}).
 */
final class ArchiveReader {

    private ArchiveReader() {}

    static Checked read(byte[] archive) {
        if (archive.length > PolicyArchive.MAX_COMPRESSED_BYTES) {
            return new Refused(
                    "archive: %d bytes (expected: at most %d)"
                            .formatted(archive.length, PolicyArchive.MAX_COMPRESSED_BYTES));
        }
        ArchiveForm form = ArchiveForm.of(archive);
        if (form == null) {
            return new Refused(
                    "archive: neither zip nor tar (expected: a zip, tar.xz, tar.gz, tar.bz2 or tar"
                            + " with "
                            + PolicyArchive.ENTRY_POINT
                            + ")");
        }
        UnpackedFiles files = new UnpackedFiles(archive.length);
        try {
            if (form == ArchiveForm.ZIP) {
                unpackZip(archive, files);
            } else {
                TarEntries.unpack(archive, form, files);
            }
            return new Accepted(new PolicyArchive(archive, files.finish()));
        } catch (RefusedException e) {
            return new Refused(e.reason);
        } catch (IOException | RuntimeException e) {
            // The readers of these formats answer to some damage with exceptions of every class.
            return new Refused(
                    "archive: not a readable " + form.shown() + ": " + oneLine(e.getMessage()));
        }
    }

    private static void unpackZip(byte[] archive, UnpackedFiles files)
            throws IOException, RefusedException {
        ZipDirectory directory = ZipDirectory.of(archive);
        Set<String> entered = new HashSet<>();
        try (ZipInputStream entries =
                new ZipInputStream(new ByteArrayInputStream(archive), StandardCharsets.UTF_8)) {
            ZipEntry entry;
            while ((entry = entries.getNextEntry()) != null) {
                String name = entry.getName();
                files.enter(name);
                entered.add(name);
                if (entry.isDirectory()) {
                    files.folder(name);
                } else {
                    files.file(name, entries);
                }
            }
        }
        if (!entered.equals(directory.names())) {
            throw new RefusedException(
                    "archive: its directory and its entries disagree (expected: the same names in"
                            + " both)");
        }
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "damaged" : message.replaceAll("\\s*\\R\\s*", " ");
    }
}
