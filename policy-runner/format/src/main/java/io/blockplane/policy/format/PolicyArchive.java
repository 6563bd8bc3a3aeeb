package io.blockplane.policy.format;

import io.blockplane.events.DecisionChain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The checked archive of one policy version, named by the SHA-256 of its bytes. Its code is in
 * {@value #CODE_FOLDER}, and its entry point is {@value #ENTRY_POINT}; other files are the policy's
 * own data.
 */
public final class PolicyArchive {

    /** Largest archive as stored, bytes. */
    public static final int MAX_COMPRESSED_BYTES = 8 * 1024 * 1024;

    /** Largest sum of the unpacked files, bytes. */
    public static final int MAX_UNPACKED_BYTES = 64 * 1024 * 1024;

    /** Most entries, folders counted. */
    public static final int MAX_ENTRIES = 2_000;

    /** An archive that unpacks to more than this many times its size is a bomb. */
    public static final int MAX_RATIO = 100;

    /** Up to so many unpacked bytes the ratio is of no interest. */
    public static final int RATIO_FREE_BYTES = 1024 * 1024;

    /** Longest path of an entry, characters. */
    public static final int MAX_PATH_CHARS = 512;

    /** Where the code is; importable from it. */
    public static final String CODE_FOLDER = "code/";

    /** The module with the policy class. */
    public static final String ENTRY_POINT = CODE_FOLDER + "function.py";

    private final byte[] content;
    private final String sha256;
    private final SortedMap<String, byte[]> files;

    PolicyArchive(byte[] content, SortedMap<String, byte[]> files) {
        this.content = content.clone();
        this.sha256 = DecisionChain.sha256(content);
        this.files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /** What a check of an archive's bytes led to. */
    public sealed interface Checked {

        /** The archive; for callers for whom a refusal is a bug. */
        default PolicyArchive orElseThrow() {
            return switch (this) {
                case Accepted(PolicyArchive archive) -> archive;
                case Refused(String reason) -> throw new IllegalArgumentException(reason);
            };
        }
    }

    public record Accepted(PolicyArchive archive) implements Checked {}

    /**
     * The archive can't be used.
     *
     * @param reason for people: what is wrong, and what was expected
     */
    public record Refused(String reason) implements Checked {}

    /**
     * Checks the bytes of an archive and unpacks them into memory. Nothing is run.
     *
     * @param archive a zip, or a tar as it is or packed by xz, gzip or bzip2: its bytes say which
     */
    public static Checked read(byte[] archive) {
        return ArchiveReader.read(archive);
    }

    /**
     * Packs a folder: one that holds {@code code/}, or {@code code/} itself. Only what is in {@code
     * code/} goes in, without caches and hidden files. The same files give the same bytes
     * everywhere.
     *
     * @throws IOException when the folder can't be read
     */
    public static Checked pack(Path folder) throws IOException {
        return ArchivePacker.pack(folder);
    }

    /** An archive of these files, by path; the same files give the same bytes. */
    public static Checked of(SortedMap<String, byte[]> files) {
        return read(ArchivePacker.zip(files));
    }

    /** An archive with this source as its only file. */
    public static PolicyArchive ofFunction(String source) {
        SortedMap<String, byte[]> files = new TreeMap<>();
        files.put(ENTRY_POINT, source.getBytes(StandardCharsets.UTF_8));
        return of(files).orElseThrow();
    }

    /** Lower-case hex. */
    public String sha256() {
        return sha256;
    }

    /** The archive's bytes, as given. */
    public byte[] content() {
        return content.clone();
    }

    public int sizeBytes() {
        return content.length;
    }

    /** Paths of all files, with {@code /} between names. */
    public SortedSet<String> paths() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(files.keySet()));
    }

    /**
     * The files themselves by path, not copied: whoever asks for them must not change them. For a
     * read-only file system.
     */
    public SortedMap<String, byte[]> files() {
        return files;
    }
}
