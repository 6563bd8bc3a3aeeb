package io.blockplane.cli.system;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The folder that a system keeps its data in, held by one process at a time. */
final class DataFolder implements AutoCloseable {

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Makes it if need be, and takes it.
     *
     * @throws IOException when another process holds it; the message names the folder
     */
    static DataFolder take(Path path) throws IOException {
        Files.createDirectories(path.resolve("logs"));
        FileChannel channel =
                FileChannel.open(
                        path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "data folder "
                            + path
                            + " is in use by another running 'up' (stop that one, or"
                            + " choose another folder with --data)");
        }
        return new DataFolder(path, channel);
    }

    Path kafka() {
        return path.resolve("broker");
    }

    Path streams() {
        return path.resolve("streams");
    }

    Path controlPlane() {
        return path.resolve("control-plane");
    }

    Path logs() {
        return path.resolve("logs");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
