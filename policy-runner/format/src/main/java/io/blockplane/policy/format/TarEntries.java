package io.blockplane.policy.format;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.MemoryLimitException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Unpacks a tar, compressed or not. */
final class TarEntries {

    /** Most memory that a decompressor of xz may ask for, KiB: what {@code xz -9} needs, and 8. */
    private static final int MAX_XZ_KIB = 74 * 1024;

    /** Most bytes of a tar beside its contents: headers, long names, padding. */
    private static final long MAX_OVERHEAD_BYTES = 8 * 1024 * 1024;

    /** {@code tar -C folder .} writes it before every name. */
    private static final String HERE = "./";

    private TarEntries() {}

    static void unpack(byte[] archive, ArchiveForm form, UnpackedFiles files)
            throws IOException, RefusedException {
        try (TarArchiveInputStream entries =
                new TarArchiveInputStream(
                        new Bounded(decompressed(new ByteArrayInputStream(archive), form)),
                        StandardCharsets.UTF_8.name())) {
            TarArchiveEntry entry;
            while ((entry = entries.getNextEntry()) != null) {
                String name = entry.getName();
                name = name.startsWith(HERE) ? name.substring(HERE.length()) : name;
                if (name.isEmpty() && entry.isDirectory()) {
                    continue;
                }
                files.enter(name);
                checkKind(name, entry);
                if (entry.isDirectory()) {
                    files.folder(name);
                } else {
                    files.file(name, entries);
                }
            }
        } catch (MemoryLimitException e) {
            throw new RefusedException(
                    "archive: needs %d KiB of memory to unpack (expected: at most %d)"
                            .formatted(e.getMemoryNeededInKb(), MAX_XZ_KIB));
        }
    }

    private static InputStream decompressed(InputStream archive, ArchiveForm form)
            throws IOException {
        return switch (form) {
            case TAR -> archive;
            case TAR_XZ ->
                    XZCompressorInputStream.builder()
                            .setInputStream(archive)
                            .setDecompressConcatenated(true)
                            .setMemoryLimitKiB(MAX_XZ_KIB)
                            .get();
            case TAR_GZIP ->
                    GzipCompressorInputStream.builder()
                            .setInputStream(archive)
                            .setDecompressConcatenated(true)
                            .get();
            case TAR_BZIP2 -> new BZip2CompressorInputStream(archive, true);
            case ZIP -> throw new IllegalArgumentException("form: zip (expected: a tar)");
        };
    }

    private static void checkKind(String name, TarArchiveEntry entry) throws RefusedException {
        if (entry.isSymbolicLink()) {
            throw UnpackedFiles.refusedKind(name, "a symbolic link");
        }
        if (entry.isLink()) {
            throw UnpackedFiles.refusedKind(name, "a hard link");
        }
        if (entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFIFO()) {
            throw UnpackedFiles.refusedKind(name, "a device");
        }
        if (entry.isSparse()) {
            throw UnpackedFiles.refusedKind(name, "a sparse file");
        }
        byte kind = entry.getLinkFlag();
        boolean file =
                kind == TarConstants.LF_NORMAL
                        || kind == TarConstants.LF_OLDNORM
                        || kind == TarConstants.LF_CONTIG;
        if (!file && !entry.isDirectory()) {
            throw UnpackedFiles.refusedKind(name, "a special file");
        }
    }

    /** Ends a tar that unpacks to more than its files may have, wherever in it the bytes are. */
    private static final class Bounded extends FilterInputStream {

        private long left = PolicyArchive.MAX_UNPACKED_BYTES + MAX_OVERHEAD_BYTES;

        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            count(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count(Math.max(0, read));
            return read;
        }

        @Override
        public long skip(long count) throws IOException {
            long skipped = super.skip(count);
            count(skipped);
            return skipped;
        }

        private void count(long bytes) throws IOException {
            left -= bytes;
            if (left < 0) {
                throw new IOException(
                        "it unpacks to more than %d bytes (expected: at most that)"
                                .formatted(PolicyArchive.MAX_UNPACKED_BYTES + MAX_OVERHEAD_BYTES));
            }
        }
    }
}
