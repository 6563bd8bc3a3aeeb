package io.blockplane.policy;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the policies of an engine may send HTTP requests. Everything else is refused, and so is a
 * host of this list whose name stands for an address inside: loopback, link-local, private and the
 * like, see {@link Addresses}.
 *
 * @param allowed hosts, each {@code host} or {@code host:port} ({@code [address]:port} of IPv6). A
 *     {@code !} at the end ({@code failures.internal:5000!}) says that the host may have an address
 *     inside; an entry that is an address itself says so of that address
 */
public record HttpAccess(List<String> allowed) {

    /** Nowhere. */
    public static final HttpAccess NONE = new HttpAccess(List.of());

    private static final Pattern ENTRY =
            Pattern.compile(
                    "(?<host>[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}\\])"
                            + "(?::(?<port>[0-9]{1,5}))?(?<inside>!?)");

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    /**
     * @throws IllegalArgumentException when an entry is none
     */
    public HttpAccess {
        allowed = List.copyOf(allowed);
        allowed.forEach(Entry::of);
    }

    /**
     * One entry, taken apart.
     *
     * @param port null: every port
     * @param inside whether the host may have an address inside
     */
    record Entry(String host, @Nullable Integer port, boolean inside) {

        static Entry of(String text) {
            Matcher entry = ENTRY.matcher(text);
            if (!entry.matches()) {
                throw new IllegalArgumentException(
                        "http access: %s (expected: host or host:port, with ! for a private one)"
                                .formatted(text));
            }
            String host = entry.group("host");
            String port = entry.group("port");
            boolean literal = host.startsWith("[") || IPV4.matcher(host).matches();
            return new Entry(
                    normalised(host),
                    port == null ? null : Integer.valueOf(port),
                    literal || !entry.group("inside").isEmpty());
        }

        boolean covers(String asked, int askedPort) {
            return host.equals(normalised(asked)) && (port == null || port == askedPort);
        }

        private static String normalised(String host) {
            String plain =
                    host.startsWith("[") && host.endsWith("]")
                            ? host.substring(1, host.length() - 1)
                            : host;
            String lower = plain.toLowerCase(Locale.ROOT);
            return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        }
    }

    /** The entry that allows this host; one that allows more goes before one that allows less. */
    Optional<Entry> entry(String host, int port) {
        return allowed.stream()
                .map(Entry::of)
                .filter(entry -> entry.covers(host, port))
                .reduce((one, other) -> one.inside ? one : other);
    }
}
