package io.blockplane.policy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.config.Http1Config;

/**
 * Looks a host up once for a connection, and lets it have only addresses that it may go to. Since
 * the connection goes to what is returned here, a name that means something else at its next
 * look-up gains nothing.
 */
final class CheckedResolver implements DnsResolver {

    /** Most connections of all policies of an engine together. */
    private static final int MAX_CONNECTIONS = 64;

    private static final int MAX_HEADERS = 200;
    private static final int MAX_LINE_BYTES = 16 * 1024;

    private final HttpAccess access;
    private final Lookup lookup;

    CheckedResolver(HttpAccess access, Lookup lookup) {
        this.access = access;
        this.lookup = lookup;
    }

    /** The machine's way to look a name up. */
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /** A host has an address that policies may not reach. */
    static final class InsideException extends UnknownHostException {
        InsideException(String message) {
            super(message);
        }
    }

    /** A client that remembers nothing from one request to the next. */
    static CloseableHttpClient client(DnsResolver resolver) {
        return HttpClients.custom()
                .setConnectionManager(
                        PoolingHttpClientConnectionManagerBuilder.create()
                                .setDnsResolver(resolver)
                                .setMaxConnTotal(MAX_CONNECTIONS)
                                .setMaxConnPerRoute(MAX_CONNECTIONS)
                                .setConnectionFactory(
                                        ManagedHttpClientConnectionFactory.builder()
                                                .http1Config(
                                                        Http1Config.custom()
                                                                .setMaxHeaderCount(MAX_HEADERS)
                                                                .setMaxLineLength(MAX_LINE_BYTES)
                                                                .build())
                                                .build())
                                .build())
                .setConnectionReuseStrategy((_, _, _) -> false)
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableConnectionState()
                .disableDefaultUserAgent()
                .build();
    }

    @Override
    public List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
        HttpAccess.Entry entry =
                access.entry(host, port)
                        .orElseThrow(() ->
                                new InsideException("not among the hosts that may be reached"));
        List<InetSocketAddress> checked = new ArrayList<>();
        for (InetAddress address : lookup.addresses(host)) {
            String inside = Addresses.inside(address);
            if (inside != null && !entry.inside()) {
                throw new InsideException(
                        "%s, %s (expected: an address outside, or a host that is allowed as private)"
                                .formatted(address.getHostAddress(), inside));
            }
            checked.add(new InetSocketAddress(address, port));
        }
        return checked;
    }

    /** Never used for a connection: what a host may be depends on the port. */
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        throw new InsideException("not among the hosts that may be reached");
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
