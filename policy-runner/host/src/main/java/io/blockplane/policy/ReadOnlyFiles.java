package io.blockplane.policy;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.graalvm.polyglot.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * All files that a policy can see: {@link FileTree}s in memory. Writing is denied, and every file
 * has the same owner and times, so that a look at the file system is the same on every machine.
 */
final class ReadOnlyFiles implements FileSystem {

    private static final FileTime EPOCH = FileTime.fromMillis(0);
    private static final int FILE_MODE = 0100444;
    private static final int FOLDER_MODE = 0040555;

    private final List<FileTree> trees;
    private volatile Path workingFolder;

    ReadOnlyFiles(List<FileTree> trees, Path workingFolder) {
        this.trees = List.copyOf(trees);
        this.workingFolder = workingFolder;
    }

    @Override
    public Path parsePath(URI uri) {
        return Path.of(uri);
    }

    @Override
    public Path parsePath(String path) {
        return Path.of(path);
    }

    @Override
    public void checkAccess(Path path, Set<? extends AccessMode> modes, LinkOption... linkOptions)
            throws IOException {
        String name = existing(path);
        if (modes.contains(AccessMode.WRITE)
                || (modes.contains(AccessMode.EXECUTE) && file(name) != null)) {
            throw new AccessDeniedException(name);
        }
    }

    @Override
    public void createDirectory(Path dir, FileAttribute<?>... attrs) throws IOException {
        throw denied(dir);
    }

    @Override
    public void delete(Path path) throws IOException {
        throw denied(path);
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        throw denied(source);
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        throw denied(link);
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attrs)
            throws IOException {
        throw denied(link);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options)
            throws IOException {
        throw denied(path);
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attrs)
            throws IOException {
        for (OpenOption option : options) {
            if (option != StandardOpenOption.READ && !(option instanceof LinkOption)) {
                throw denied(path);
            }
        }
        byte[] content = file(existing(path));
        if (content == null) {
            throw new AccessDeniedException(path + " is a folder");
        }
        return new ReadOnlyChannel(content);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(
            Path dir, DirectoryStream.Filter<? super Path> filter) throws IOException {
        String name = existing(dir);
        if (!isFolder(name)) {
            throw new NotDirectoryException(name);
        }
        List<Path> entries = new ArrayList<>();
        for (FileTree tree : trees) {
            for (String child : tree.names(name)) {
                Path path = dir.resolve(child);
                if (filter.accept(path)) {
                    entries.add(path);
                }
            }
        }
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                return entries.iterator();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Path toAbsolutePath(Path path) {
        return workingFolder.resolve(path);
    }

    @Override
    public void setCurrentWorkingDirectory(Path folder) {
        workingFolder = folder;
    }

    @Override
    public Path toRealPath(Path path, LinkOption... linkOptions) throws IOException {
        return Path.of(existing(path));
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options)
            throws IOException {
        String name = existing(path);
        byte[] content = file(name);
        Map<String, Object> all = new HashMap<>();
        all.put("isRegularFile", content != null);
        all.put("isDirectory", content == null);
        all.put("isSymbolicLink", false);
        all.put("isOther", false);
        all.put("size", content == null ? 0L : (long) content.length);
        all.put("lastModifiedTime", EPOCH);
        all.put("lastAccessTime", EPOCH);
        all.put("creationTime", EPOCH);
        all.put("ctime", EPOCH);
        all.put("mode", content == null ? FOLDER_MODE : FILE_MODE);
        all.put("ino", (long) (name.hashCode() & Integer.MAX_VALUE));
        all.put("dev", 1L);
        all.put("rdev", 0L);
        all.put("nlink", 1);
        all.put("uid", 0);
        all.put("gid", 0);
        String wanted = attributes.substring(attributes.indexOf(':') + 1);
        if (!wanted.equals("*")) {
            all.keySet().retainAll(Set.of(wanted.split(",")));
        }
        return all;
    }

    private String existing(Path path) throws NoSuchFileException {
        String name = toAbsolutePath(path).normalize().toString();
        if (!isFolder(name) && trees.stream().noneMatch(tree -> tree.isFile(name))) {
            throw new NoSuchFileException(path.toString());
        }
        return name;
    }

    private boolean isFolder(String name) {
        return trees.stream().anyMatch(tree -> tree.isFolder(name));
    }

    private byte @Nullable [] file(String name) {
        for (FileTree tree : trees) {
            byte[] content = tree.file(name);
            if (content != null) {
                return content;
            }
        }
        return null;
    }

    private static AccessDeniedException denied(Path path) {
        return new AccessDeniedException(path + " (a policy's files are read-only)");
    }
}
