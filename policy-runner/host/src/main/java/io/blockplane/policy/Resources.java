package io.blockplane.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Files on the class path. */
final class Resources {

    private Resources() {}

    /**
     * Reads one.
     *
     * @param name its full path, without a leading slash
     * @throws IllegalStateException when it is not there
     */
    static byte[] bytes(String name) {
        try (InputStream stream = Resources.class.getClassLoader().getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("resource: " + name + " (expected: on class path)");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + name, e);
        }
    }

    static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }
}
