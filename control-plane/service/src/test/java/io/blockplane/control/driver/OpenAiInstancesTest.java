package io.blockplane.control.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.blockplane.control.core.Instance;
import io.blockplane.control.core.Instance.Phase;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.InstanceAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Servers of others as instances: the driver against the core, in memory, with real HTTP. */
class OpenAiInstancesTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir Path logs;

    private final DecidedBlock block = new DecidedBlock();

    @Test
    void handsOutTheServersOfABlockInTurnAndTakesThemBack() throws Exception {
        try (Server one = new Server();
                Server two = new Server();
                ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            block.create("openai:", "{\"urls\":[\"" + one.url + "#m\",\"" + two.url + "/\"]}", 2);
            block.start(driver);
            await().atMost(LIMIT)
                    .until(() -> block.phases().equals(List.of(Phase.READY, Phase.READY)));
            InstanceAddress first =
                    new InstanceAddress("openai", one.url + "#m", one.url + "/models");
            InstanceAddress second =
                    new InstanceAddress("openai", two.url + "/", two.url + "/models");
            assertThat(addresses()).containsExactlyInAnyOrder(first, second);

            Instance goes = block.instances().getFirst();
            InstanceAddress freed = Objects.requireNonNull(goes.address());
            block.remove(goes);
            driver.desiredChanged();
            Thread.sleep(500);
            assertThat(block.phases()).as("it waits for the drain").contains(Phase.DRAINING);
            block.drained(goes);
            driver.desiredChanged();
            await().atMost(LIMIT).until(() -> block.instances().size() == 1);
            assertThat(addresses()).doesNotContain(freed);

            block.scaleUp(1);
            driver.desiredChanged();
            await().atMost(LIMIT)
                    .until(() -> block.phases().equals(List.of(Phase.READY, Phase.READY)));
            assertThat(addresses())
                    .as("the server that nobody has is the next")
                    .containsExactlyInAnyOrder(first, second);
            assertThat(block.lost()).isEmpty();
        }
    }

    @Test
    void waitsForAServerThatDoesNotAnswerYet() throws Exception {
        try (Server server = new Server();
                ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            server.status = 503;
            block.create("openai:", "{\"url\":\"" + server.url + "\"}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> server.asked.get() >= 2);
            assertThat(block.phases()).containsExactly(Phase.REQUESTED);
            server.status = 200;
            await().atMost(LIMIT).until(() -> block.phases().equals(List.of(Phase.READY)));
        }
    }

    @Test
    void givesUpOneThatIsToGoBeforeItAnswered() throws Exception {
        try (Server server = new Server();
                ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            server.status = 503;
            block.create("openai:", "{\"url\":\"" + server.url + "\"}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> server.asked.get() >= 1);
            block.remove(block.instances().getFirst());
            await().atMost(LIMIT).until(() -> block.instances().isEmpty());
        }
    }

    @Test
    void losesNoneWhenTheDriverBeginsAgain() throws Exception {
        try (Server server = new Server()) {
            block.create("openai:", "{\"url\":\"" + server.url + "\"}", 2);
            try (ProcessDriver before = driver(Duration.ofMinutes(5))) {
                block.start(before);
                await().atMost(LIMIT)
                        .until(() -> block.phases().equals(List.of(Phase.READY, Phase.READY)));
            }
            int events = block.events().size();
            try (ProcessDriver after = driver(Duration.ofMillis(300))) {
                block.start(after);
                Thread.sleep(1_000);
                assertThat(block.events()).as("nothing happened to them").hasSize(events);
                block.remove(block.instances().getFirst());
                await().atMost(LIMIT).until(() -> block.instances().size() == 1);
            }
            assertThat(block.events()).noneMatch(BlockEvent.InstanceLost.class::isInstance);
        }
    }

    @Test
    void saysWhatIsWrongWithSettingsThatGotPastTheApi() {
        try (ProcessDriver driver = driver(Duration.ofMinutes(5))) {
            block.create("openai:", "{\"url\":\"127.0.0.1:8000\"}", 1);
            block.start(driver);
            await().atMost(LIMIT).until(() -> !block.lost().isEmpty());
            assertThat(block.lost().getFirst().detail())
                    .startsWith("initSettings.url: \"127.0.0.1:8000\" (expected: http(s)://");
        }
    }

    private List<InstanceAddress> addresses() {
        return block.instances().stream().map(i -> Objects.requireNonNull(i.address())).toList();
    }

    private ProcessDriver driver(Duration drainLimit) {
        return new ProcessDriver(
                new ProcessDriver.Config(Map.of(), List.of(), logs, drainLimit),
                () -> "http://127.0.0.1:1");
    }

    /** Lists its models, as all servers of that API do, and nothing else. */
    private static final class Server implements AutoCloseable {

        final String url;
        final AtomicInteger asked = new AtomicInteger();
        volatile int status = 200;

        private final HttpServer http;

        Server() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            url = "http://127.0.0.1:" + http.getAddress().getPort() + "/v1";
            byte[] body = "{\"object\":\"list\",\"data\":[]}".getBytes(StandardCharsets.UTF_8);
            http.createContext(
                    "/v1/models",
                    exchange -> {
                        asked.incrementAndGet();
                        exchange.sendResponseHeaders(status, body.length);
                        exchange.getResponseBody().write(body);
                        exchange.close();
                    });
            http.start();
        }

        @Override
        public void close() {
            http.stop(0);
        }
    }
}
