package io.blockplane.policy;

import java.util.List;

/**
 * Where the policies of an engine may send HTTP requests.
 *
 * @param allowed hosts, each {@code host} or {@code host:port}; with {@code !} at the end also when
 *     its address is a private one
 */
public record HttpAccess(List<String> allowed) {

    /** Nowhere. */
    public static final HttpAccess NONE = new HttpAccess(List.of());

    public HttpAccess {
        allowed = List.copyOf(allowed);
    }
}
