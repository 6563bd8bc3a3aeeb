package io.blockplane.policy;

import io.blockplane.events.PolicyDecided.HttpBody;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import io.blockplane.events.PolicyDecided.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of policies to where they are allowed to go. Each hop is checked twice: its
 * host against the operator's list before anything is looked up, and its addresses when they are
 * looked up for the connection, which goes to just these ({@link CheckedResolver}). A redirect is a
 * hop like the first. Thread safe.
 */
final class HttpGate implements HttpSource, AutoCloseable {

    /** Most redirects of an exchange. */
    static final int MAX_REDIRECTS = 10;

    private static final String CONNECTION_ERROR = "ConnectionError";

    /** They belong to the connection, not to the policy. */
    private static final Set<String> OWN_HEADERS =
            Set.of(
                    "connection",
                    "content-length",
                    "expect",
                    "host",
                    "keep-alive",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    private final HttpAccess access;
    private final CheckedResolver.Lookup lookup;
    private @Nullable CloseableHttpClient client;

    HttpGate(HttpAccess access, CheckedResolver.Lookup lookup) {
        this.access = access;
        this.lookup = lookup;
    }

    /** What one hop brought. */
    private record Hop(
            int status,
            String reason,
            SortedMap<String, String> headers,
            @Nullable String location,
            HttpBody body) {}

    /** Ends an exchange; the type is a class of {@code requests.exceptions}. */
    private static final class FailedException extends Exception {
        final String type;

        FailedException(String type, String message) {
            super(message);
            this.type = type;
        }
    }

    @Override
    public HttpExchanged exchange(HttpAsk ask, Duration limit, int maxBytes) {
        long started = System.nanoTime();
        Duration timeout = ask.timeout();
        long deadline =
                started
                        + (timeout == null || timeout.compareTo(limit) > 0 ? limit : timeout)
                                .toNanos();
        try {
            URI at = uri(ask.url());
            String method = ask.method();
            byte[] body = HttpAsk.bytes(ask.body());
            SortedMap<String, String> headers = new TreeMap<>(ask.headers());
            headers.keySet().removeAll(OWN_HEADERS);
            for (int redirects = 0; ; redirects++) {
                Hop hop = hop(method, at, headers, body, deadline, maxBytes);
                if (!ask.follow() || hop.location == null) {
                    long durationUs = (System.nanoTime() - started) / 1_000;
                    return ask.answered(
                            new HttpResponse(
                                    hop.status,
                                    hop.reason,
                                    at.toString(),
                                    hop.headers,
                                    hop.body,
                                    durationUs));
                }
                if (redirects == MAX_REDIRECTS) {
                    throw new FailedException(
                            "TooManyRedirects", "more than " + MAX_REDIRECTS + " redirects");
                }
                URI next = at.resolve(uri(hop.location));
                if (!sameOrigin(at, next)) {
                    headers.remove("authorization");
                    headers.remove("cookie");
                }
                if (becomesGet(hop.status, method)) {
                    method = "GET";
                    body = new byte[0];
                    headers.remove("content-type");
                }
                at = next;
            }
        } catch (FailedException e) {
            return ask.failed(e.type, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close(CloseMode.IMMEDIATE);
        }
    }

    private Hop hop(
            String method,
            URI at,
            SortedMap<String, String> headers,
            byte[] body,
            long deadline,
            int maxBytes)
            throws FailedException {
        HttpHost host = allowed(at);
        HttpUriRequestBase request = new HttpUriRequestBase(method, at);
        headers.forEach(request::setHeader);
        if (body.length > 0) {
            String type = headers.get("content-type");
            request.setEntity(
                    new ByteArrayEntity(
                            body, type == null ? null : ContentType.parseLenient(type)));
        }
        CompletableFuture<Hop> answer = new CompletableFuture<>();
        Thread.ofVirtual()
                .name("policy-http")
                .start(() -> {
                    try {
                        answer.complete(
                                client().execute(
                                                host,
                                                request,
                                                response -> read(response, maxBytes)));
                    } catch (IOException | RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
        try {
            return answer.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw failure(host, e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException _) {
            request.cancel();
            throw new FailedException("ReadTimeout", host.toHostString() + ": no answer in time");
        } catch (InterruptedException _) {
            request.cancel();
            Thread.currentThread().interrupt();
            throw new FailedException(CONNECTION_ERROR, "the policy was stopped");
        }
    }

    private HttpHost allowed(URI at) throws FailedException {
        String scheme = String.valueOf(at.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new FailedException(
                    "InvalidSchema", "scheme: " + scheme + " (expected: http or https)");
        }
        String name = at.getHost();
        if (name == null || at.getUserInfo() != null) {
            throw new FailedException("InvalidURL", "no usable host in " + at);
        }
        int port = at.getPort() >= 0 ? at.getPort() : scheme.equals("http") ? 80 : 443;
        if (access.entry(name, port).isEmpty()) {
            throw new FailedException(
                    CONNECTION_ERROR,
                    "%s:%d: not among the hosts that policies may reach".formatted(name, port));
        }
        return new HttpHost(scheme, name, port);
    }

    private static Hop read(ClassicHttpResponse response, int maxBytes) throws IOException {
        SortedMap<String, String> headers = new TreeMap<>();
        for (Header header : response.getHeaders()) {
            headers.merge(
                    header.getName().toLowerCase(Locale.ROOT),
                    header.getValue(),
                    (one, other) -> one + ", " + other);
        }
        // There is no jar for them here, and what they open is nobody's business.
        headers.remove("set-cookie");
        byte[] body = new byte[0];
        HttpEntity entity = response.getEntity();
        if (entity != null) {
            try (InputStream content = entity.getContent()) {
                body = content.readNBytes(maxBytes + 1);
            }
            if (body.length > maxBytes) {
                throw new ProtocolException(
                        "more than %d bytes of body (expected: at most that)".formatted(maxBytes));
            }
        }
        int status = response.getCode();
        String location = headers.get("location");
        boolean redirects =
                status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
        return new Hop(
                status,
                response.getReasonPhrase() == null ? "" : response.getReasonPhrase(),
                headers,
                redirects ? location : null,
                HttpAsk.body(body));
    }

    private static FailedException failure(HttpHost host, Throwable cause) {
        String type =
                switch (cause) {
                    case ConnectTimeoutException _ -> "ConnectTimeout";
                    case java.net.SocketTimeoutException _ -> "ReadTimeout";
                    case SSLException _ -> "SSLError";
                    case ProtocolException _ -> "ChunkedEncodingError";
                    case IOException _ -> CONNECTION_ERROR;
                    default -> "RequestException";
                };
        String text =
                cause instanceof UnknownHostException
                                && !(cause instanceof CheckedResolver.InsideException)
                        ? "the name is not known"
                        : String.valueOf(cause.getMessage());
        return new FailedException(type, host.toHostString() + ": " + text);
    }

    private static URI uri(String text) throws FailedException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new FailedException("InvalidURL", String.valueOf(e.getMessage()));
        }
    }

    private static boolean sameOrigin(URI one, URI other) {
        return String.valueOf(one.getScheme()).equalsIgnoreCase(String.valueOf(other.getScheme()))
                && String.valueOf(one.getHost()).equalsIgnoreCase(String.valueOf(other.getHost()))
                && one.getPort() == other.getPort();
    }

    /** As browsers and requests do it. */
    private static boolean becomesGet(int status, String method) {
        return switch (status) {
            case 303, 302 -> !method.equals("HEAD");
            case 301 -> method.equals("POST");
            default -> false;
        };
    }

    private synchronized CloseableHttpClient client() {
        if (client == null) {
            client = CheckedResolver.client(new CheckedResolver(access, lookup));
        }
        return client;
    }
}
