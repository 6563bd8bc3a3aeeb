package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.blockplane.events.DecisionChain;
import io.blockplane.events.EventJson;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import io.blockplane.events.PolicyDecided.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of policies: they go where they may, are recorded, and are answered from the record. */
@TestInstance(Lifecycle.PER_CLASS)
class PolicyHttpTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MAX_BYTES = 1024;

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private HttpServer server;
    private int port;
    private PolicyEngine engine;

    @BeforeAll
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        port = server.getAddress().getPort();
        engine =
                PolicyEngine.create(
                        new PolicyEngine.Options(
                                PolicyEngine.Compilation.NEVER,
                                new HttpAccess(List.of("127.0.0.1:" + port, "localhost"))));
    }

    @AfterAll
    void stop() {
        engine.close();
        server.stop(0);
    }

    @Test
    void givesAPolicyWhatUsersOfRequestsKnow() {
        String code =
                """
                import requests
                from requests.exceptions import Timeout, HTTPError, ConnectionError
                url = "http://127.0.0.1:%d"
                r = requests.post(url + "/echo", json={"a": 1}, params={"q": ["x y", 2]}, timeout=9)
                assert r.status_code == 200 and r.ok and r.headers["CONTENT-type"], r
                seen = r.json()
                assert seen["body"] == '{"a": 1}', seen
                assert seen["url"] == "/echo?q=x+y&q=2", seen
                assert seen["type"] == "application/json", seen
                assert r.elapsed.total_seconds() >= 0 and r.url.startswith(url)
                r = requests.get(url + "/status/404", auth=("user", "pw"))
                assert not r.ok and r.reason == "Not Found" and r.text == "status", r.text
                try:
                    r.raise_for_status()
                except HTTPError as e:
                    assert str(e).startswith("404 Client Error: Not Found for url: http"), e
                    assert e.response is r
                with requests.Session() as s:
                    s.headers.update({"X-Own": "1"})
                    assert s.get(url + "/echo").json()["own"] == "1"
                    assert s.put(url + "/echo", data={"k": "v"}).json()["body"] == "k=v"
                    assert s.delete(url + "/echo").json()["method"] == "DELETE"
                    assert s.patch(url + "/echo", data=b"\\xff").json()["method"] == "PATCH"
                    assert s.head(url + "/redirect/echo").status_code == 302
                    assert s.options(url + "/echo").json()["method"] == "OPTIONS"
                r = requests.get(url + "/redirect/echo")
                assert r.url == url + "/echo" and r.json()["method"] == "GET", r.url
                r = requests.get(url + "/bytes")
                assert r.content == bytes(range(256)) and "set-cookie" not in r.headers
                for bad, kind in (("nowhere", "MissingSchema"), ("ftp://x/", "InvalidSchema"),
                                  (url + "/large", "ChunkedEncodingError"),
                                  (url + "/loop", "TooManyRedirects"),
                                  ("http://example.com/", "ConnectionError"),
                                  ("http://localhost:%d/echo", "ConnectionError")):
                    try:
                        requests.get(bad)
                    except requests.RequestException as e:
                        assert type(e).__name__ == kind, (bad, repr(e))
                    else:
                        raise AssertionError(bad)
                try:
                    requests.get(url + "/slow", timeout=0.2)
                except Timeout:
                    print("timeout")
                try:
                    requests.get(url + "/bytes").json()
                except requests.exceptions.JSONDecodeError:
                    print("not json")
                tell("done")
                """
                        .formatted(port, port);
        PolicyAssignment assignment = Policies.assignment(engine, Policies.OBEDIENT);
        seen.clear();
        List<PolicyDecided> records;
        try (PolicyLine line = PolicyLine.start(engine, assignment, Policies.LIMITS)) {
            records = line.eval(Policies.NOON, Policies.code(code), MetricsSource.NONE);
        }
        PolicyDecided decided = records.getLast();
        assertThat(decided.action().reason()).as(decided.toString()).isEqualTo("done");
        assertThat(Policies.printed(decided))
                .containsExactly("stdout: timeout", "stdout: not json");
        List<HttpExchanged> exchanges = exchanges(decided);
        assertThat(exchanges).hasSize(16);
        assertThat(exchanges.get(1).requestHeaders().get("authorization"))
                .isEqualTo(DecisionChain.sha256("Basic dXNlcjpwdw=="));
        assertThat(EventJson.text(decided)).doesNotContain("dXNlcjpwdw");
        assertThat(seen).contains("authorization: Basic dXNlcjpwdw==");

        executesAgainWithoutTheNetwork(assignment, records);
    }

    private void executesAgainWithoutTheNetwork(
            PolicyAssignment assignment, List<PolicyDecided> records) {
        int requests = seen.size();
        try (RecordedPolicy again =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS)) {
            assertThat(again.rebuild(records, _ -> null)).isEqualTo(new Rebuilt.Same(2));
        }
        PolicyDecided decided = records.getLast();
        PolicyDecided tampered =
                EventJson.decode(
                        PolicyDecided.class,
                        bytes(EventJson.text(decided).replace("q=x+y&q=2", "q=x+z&q=2")));
        try (RecordedPolicy again =
                new RecordedPolicy(engine, assignment, ChainPosition.START, Policies.LIMITS)) {
            assertThat(again.rebuild(List.of(records.getFirst(), tampered), _ -> null))
                    .isInstanceOf(Rebuilt.Different.class);
        }
        assertThat(seen).as("nothing left the machine").hasSize(requests);
    }

    @Test
    void boundsWhatACallMaySend() {
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, Policies.LIMITS)) {
            PolicyDecided many =
                    Policies.run(
                            line,
                            """
                            import requests
                            for i in range(30):
                                requests.get("http://127.0.0.1:%d/echo")
                            """
                                    .formatted(port));
            assertThat(many.outcome()).isEqualTo(Outcome.RAISED);
            assertThat(many.error())
                    .startsWith("RequestException: more than 20 requests in one decision");
            assertThat(exchanges(many)).hasSize(20);
            PolicyDecided large =
                    Policies.run(
                            line,
                            """
                            import requests
                            requests.post("http://127.0.0.1:%d/echo", data="x" * 1048577)
                            """
                                    .formatted(port));
            assertThat(large.error()).startsWith("RequestException: body: 1048577 bytes");
        }
        // Time enough to say so when the request has used up its share.
        PolicyLimits limits =
                new PolicyLimits(
                        Policies.TIGHT.prepare(), Policies.TIGHT.init(), Duration.ofSeconds(3));
        try (PolicyLine line = Policies.line(engine, Policies.OBEDIENT, limits)) {
            PolicyDecided slow =
                    Policies.run(
                            line,
                            """
                            import requests
                            try: requests.get("http://127.0.0.1:%d/slow")
                            except requests.Timeout: tell("late")
                            """
                                    .formatted(port));
            assertThat(slow.action().reason()).as(slow.toString()).isEqualTo("late");
        }
    }

    @Test
    void followsARedirectOnlyToWhereItMayGo() {
        HttpAccess access = new HttpAccess(List.of("out.test!", "in.test", "127.0.0.1"));
        try (HttpGate gate = new HttpGate(access, PolicyHttpTest::loopback)) {
            assertThat(status(gate, "http://out.test:" + port + "/echo")).isEqualTo("200");
            assertThat(status(gate, "http://out.test:" + port + "/to?http://in.test:" + port))
                    .contains("127.0.0.1, a loopback address");
            assertThat(status(gate, "http://out.test:" + port + "/to?http://else.test/"))
                    .contains("else.test:80: not among the hosts");
            assertThat(status(gate, "http://out.test:" + port + "/to?http://169.254.169.254/"))
                    .contains("not among the hosts");
            assertThat(status(gate, "http://127.0.0.1:" + port + "/echo"))
                    .as("an address that is allowed as such")
                    .isEqualTo("200");
            assertThat(status(gate, "http://[::ffff:127.0.0.1]:" + port + "/echo"))
                    .contains("not among the hosts");
            assertThat(status(gate, "http://user@127.0.0.1:" + port + "/echo"))
                    .contains("no usable host");
        }
    }

    @Test
    void looksANameUpOnceAndGoesToWhatItChecked() {
        AtomicInteger lookups = new AtomicInteger();
        // Outside at its first look-up, inside at each one after.
        CheckedResolver.Lookup rebinding =
                _ ->
                        new InetAddress[] {
                            InetAddress.getByName(
                                    lookups.getAndIncrement() == 0 ? "192.0.2.1" : "127.0.0.1")
                        };
        HttpAccess access = new HttpAccess(List.of("rebound.test"));
        try (HttpGate gate = new HttpGate(access, rebinding)) {
            String url = "http://rebound.test:" + port + "/echo";
            int before = seen.size();
            HttpExchanged first = gate.exchange(ask(url), Duration.ofMillis(300), MAX_BYTES);
            assertThat(first.response()).isNull();
            assertThat(lookups).hasValue(1);
            assertThat(status(gate, url)).contains("127.0.0.1, a loopback address");
            assertThat(lookups).hasValue(2);
            assertThat(seen).hasSize(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, loopback",
        "::1, loopback",
        "0.0.0.0, no address",
        "169.254.169.254, link-local",
        "fe80::1, link-local",
        "10.1.2.3, private",
        "172.31.0.1, private",
        "192.168.0.1, private",
        "100.64.0.1, carrier",
        "224.0.0.1, multicast",
        "255.255.255.255, reserved",
        "fd00::1, unique-local",
        "::ffff:10.0.0.1, private",
        "64:ff9b::a00:1, stands for another",
        "2002:7f00:1::, stands for another"
    })
    void knowsTheAddressesInside(String address, String said) throws UnknownHostException {
        assertThat(Addresses.inside(InetAddress.getByName(address))).contains(said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
    void knowsTheAddressesOutside(String address) throws UnknownHostException {
        assertThat(Addresses.inside(InetAddress.getByName(address))).isNull();
    }

    @Test
    void readsTheListOfHosts() {
        HttpAccess access = new HttpAccess(List.of("a.test", "B.test:8080!", "[::1]:5"));
        assertThat(access.entry("A.TEST.", 1)).isPresent();
        assertThat(access.entry("b.test", 80)).isEmpty();
        assertThat(access.entry("b.test", 8080).orElseThrow().inside()).isTrue();
        assertThat(access.entry("[::1]", 5).orElseThrow().inside()).isTrue();
        assertThat(access.entry("sub.a.test", 80)).isEmpty();
        assertThatThrownBy(() -> new HttpAccess(List.of("http://a.test/")))
                .hasMessage(
                        "http access: http://a.test/ (expected: host or host:port, with ! for a"
                                + " private one)");
    }

    private static InetAddress[] loopback(String host) throws UnknownHostException {
        return new InetAddress[] {
            InetAddress.getByAddress(host, InetAddress.getLoopbackAddress().getAddress())
        };
    }

    private static String status(HttpGate gate, String url) {
        HttpExchanged exchanged = gate.exchange(ask(url), LIMIT, MAX_BYTES);
        if (exchanged.response() != null) {
            return Integer.toString(exchanged.response().status());
        }
        return String.valueOf(exchanged.error());
    }

    private static HttpAsk ask(String url) {
        SortedMap<String, String> headers = new TreeMap<>();
        return new HttpAsk("GET", url, headers, null, null, true);
    }

    private static List<HttpExchanged> exchanges(PolicyDecided decided) {
        return decided.effects().stream()
                .filter(HttpExchanged.class::isInstance)
                .map(HttpExchanged.class::cast)
                .toList();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            seen.add(exchange.getRequestMethod() + " " + path);
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            if (authorization != null) {
                seen.add("authorization: " + authorization);
            }
            switch (path) {
                case "/redirect/echo" -> redirect(exchange, "/echo");
                case "/loop" -> redirect(exchange, "/loop");
                case "/to" -> redirect(exchange, exchange.getRequestURI().getQuery());
                case "/status/404" -> answer(exchange, 404, "text/plain", bytes("status"));
                case "/large" -> answer(exchange, 200, "text/plain", new byte[1024 * 1024 + 1]);
                case "/bytes" -> {
                    byte[] all = new byte[256];
                    for (int i = 0; i < all.length; i++) {
                        all[i] = (byte) i;
                    }
                    exchange.getResponseHeaders().set("Set-Cookie", "a=b");
                    answer(exchange, 200, "application/octet-stream", all);
                }
                case "/slow" -> {
                    try {
                        Thread.sleep(Duration.ofSeconds(4));
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                }
                default -> answer(exchange, 200, "application/json", bytes(echo(exchange)));
            }
        }
    }

    private static String echo(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        return EventJson.MAPPER
                .createObjectNode()
                .put("method", exchange.getRequestMethod())
                .put("url", exchange.getRequestURI().toString())
                .put("body", new String(body, StandardCharsets.UTF_8))
                .put("type", exchange.getRequestHeaders().getFirst("Content-Type"))
                .put("own", exchange.getRequestHeaders().getFirst("X-Own"))
                .toString();
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().set("Location", to);
        exchange.sendResponseHeaders(302, -1);
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
