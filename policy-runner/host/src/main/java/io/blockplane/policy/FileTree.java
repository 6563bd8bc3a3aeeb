package io.blockplane.policy;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Files and the folders that their paths imply, read-only, by absolute path with {@code /}. */
final class FileTree {

    private final Map<String, Supplier<byte[]>> files;
    private final SortedMap<String, SortedSet<String>> children = new TreeMap<>();

    FileTree(Map<String, Supplier<byte[]>> files) {
        this.files = Map.copyOf(files);
        children.put("/", new TreeSet<>());
        this.files.keySet().forEach(this::addFolders);
    }

    /** The content of a file; null when there is none at this path. */
    byte @Nullable [] file(String path) {
        Supplier<byte[]> content = files.get(path);
        return content == null ? null : content.get();
    }

    boolean isFile(String path) {
        return files.containsKey(path);
    }

    boolean isFolder(String path) {
        return children.containsKey(path);
    }

    /** The names in a folder, sorted. */
    Collection<String> names(String folder) {
        return Collections.unmodifiableCollection(
                children.getOrDefault(folder, Collections.emptySortedSet()));
    }

    private void addFolders(String path) {
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        String folder = slash == 0 ? "/" : path.substring(0, slash);
        boolean known = children.containsKey(folder);
        children.computeIfAbsent(folder, _ -> new TreeSet<>()).add(name);
        if (!known) {
            addFolders(folder);
        }
    }
}
