package io.blockplane.control.driver;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an instance prints, in a file of its own over all its runs. At {@link #BYTES} the file
 * becomes {@code <name>.1}, in place of the one before, and a new one begins. Used by one thread.
 */
final class InstanceLog implements AutoCloseable {

    /** Largest file; an instance has at the most two. */
    static final long BYTES = 10L * 1024 * 1024;

    /** Files in the folder at the most; the ones written to longest ago go. */
    static final int FILES = 400;

    private final Path file;
    private final long limitBytes;
    private OutputStream out;
    private long written;

    InstanceLog(Path file) throws IOException {
        this(file, BYTES);
    }

    InstanceLog(Path file, long limitBytes) throws IOException {
        this.file = file;
        this.limitBytes = limitBytes;
        this.written = Files.exists(file) ? Files.size(file) : 0;
        this.out = open();
    }

    /**
     * Makes the folder, and room in it for one more instance. The folder is for these files only.
     */
    static void prune(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Path> oldestFirst;
        try (Stream<Path> files = Files.list(folder)) {
            oldestFirst =
                    files.sorted(Comparator.comparingLong(f -> f.toFile().lastModified())).toList();
        }
        for (Path old : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - FILES))) {
            Files.deleteIfExists(old);
        }
    }

    void line(String text) throws IOException {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        write(bytes, bytes.length);
    }

    void write(byte[] bytes, int length) throws IOException {
        if (written + length > limitBytes && written > 0) {
            out.close();
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
            written = 0;
            out = open();
        }
        out.write(bytes, 0, length);
        out.flush();
        written += length;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private OutputStream open() throws IOException {
        return new BufferedOutputStream(
                Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }
}
