package io.blockplane.control.policies;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The path that an archive is known under, as an upload gives it and as a policy's code names it.
 */
public final class UploadPath {

    /** Longest path, characters. */
    public static final int LENGTH = 255;

    /** What a path must be, for messages. */
    public static final String EXPECTED =
            "a relative path of 1 to " + LENGTH + " of [A-Za-z0-9._/-] without ..";

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");

    private UploadPath() {}

    /**
     * The path of an upload. {@code path} is a folder when it is empty, {@code .} or ends with
     * {@code /}; the file's own name is then added. Empty when the result is no allowed path.
     */
    public static Optional<String> of(String path, String fileName) {
        if (path.isEmpty() || path.equals(".")) {
            return plain(fileName);
        }
        return plain(path.endsWith("/") ? path + fileName : path);
    }

    /** The path that a policy's {@code code} means: a path, or a URL with one. */
    public static Optional<String> ofCode(String code) {
        if (!code.contains("://")) {
            return plain(code);
        }
        try {
            String path = URI.create(code).getPath();
            return path == null ? Optional.empty() : plain(path);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> plain(String path) {
        String relative = path;
        while (relative.startsWith("./") || relative.startsWith("/")) {
            relative = relative.substring(relative.indexOf('/') + 1);
        }
        boolean allowed =
                relative.length() <= LENGTH
                        && ALLOWED.matcher(relative).matches()
                        && !("/" + relative + "/").contains("/../");
        return allowed ? Optional.of(relative) : Optional.empty();
    }
}
