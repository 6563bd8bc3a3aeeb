package io.blockplane.executor;

import static io.blockplane.executor.Client.packet;
import static io.blockplane.executor.LogUnderTest.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Call;
import io.blockplane.events.PolicyDecided.HttpExchanged;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyEvent.ArchiveStored;
import io.blockplane.events.PolicyEvent.PolicyRegistered;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.events.Topic;
import io.blockplane.log.LogRecord;
import io.blockplane.log.LogTail;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.HttpAccess;
import io.blockplane.policy.format.PolicyArchive;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Python balancers, with the log beside them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyBalancerTest {

    /** The last instance for all; does what the data of a packet asks for. */
    private static final String LAST =
            """
            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.calls = 0
                    self.first = parameters.get("first", False)
                    if "ask" in settings:
                        import requests

                        requests.get(settings["ask"])

                def eval(self, parameters, input_data, context):
                    self.calls += 1
                    packet = input_data["packet"]
                    if packet.data.startswith("raise"):
                        raise KeyError(packet.session_id)
                    while packet.data.startswith("loop"):
                        pass
                    ids = input_data["instances"]
                    return {"instance_id": ids[0] if self.first else ids[-1]}

                def management(self, action, data):
                    return {"calls": self.calls}
            """;

    private final LogUnderTest log;
    private final HttpServer web =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    private final ExecutorRole executor;
    private final Client client;
    private final List<LogRecord<Event>> decisions = new CopyOnWriteArrayList<>();
    private final List<LogRecord<Event>> commands = new CopyOnWriteArrayList<>();
    private final List<LogTail> tails;

    PolicyBalancerTest(@TempDir Path dataDir) throws Exception {
        log = LogUnderTest.start(dataDir);
        tails =
                List.of(
                        LogTail.start(log.kafka, Topic.DECISIONS, "test", decisions::add),
                        LogTail.start(log.kafka, Topic.COMMANDS, "test-2", commands::add));
        PolicyArchive archive = PolicyArchive.ofFunction(LAST);
        write(
                new ArchiveStored(
                        archive.sha256(),
                        archive.sizeBytes(),
                        Base64.getEncoder().encodeToString(archive.content())));
        write(
                new PolicyRegistered(
                        "last:1-stable",
                        archive.sha256(),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT));
        web.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        web.start();
        String allowed = "127.0.0.1:" + web.getAddress().getPort();
        executor =
                new ExecutorRole(
                        ExecutorConfig.defaults(log.kafka, "exec-1")
                                .withPorts(0, 0)
                                .withHttp(new HttpAccess(List.of(allowed))));
        executor.start();
        client = new Client(executor.grpcPort());
    }

    @AfterAll
    void close() {
        assertThat(executor.failure()).isNull();
        client.close();
        executor.close();
        web.stop(0);
        tails.forEach(LogTail::close);
        log.close();
    }

    @Test
    void routesByThePolicyAndRecordsWhatItRead() throws Exception {
        try (BlockUnderTest block = block("blk-last", "{}")) {
            awaitPolicy(block);
            for (int i = 0; i < 20; i++) {
                client.predict(block.id, packet("s-" + i, i, "word"));
            }
            client.infer(block.id, packet("s-infer", 1, "word"));
            client.predict(block.id, packet("s-raise", 1, "raise"));
            List<TaskFinished> tasks = policyTasks(block.id, 22);

            assertThat(tasks.stream().map(t -> Objects.requireNonNull(t.routing())).toList())
                    .allSatisfy(r -> assertThat(r.policy()).isEqualTo("last:1-stable"))
                    .allSatisfy(r -> assertThat(r.candidates()).hasSize(2))
                    .filteredOn(r -> r.fallback() == null)
                    .allSatisfy(r -> assertThat(r.choice()).isEqualTo("in-b"))
                    .allSatisfy(r -> assertThat(r.packet()).isEqualTo(data("word")));
            TaskFinished raised = task(tasks, "s-raise");
            Routing routing = Objects.requireNonNull(raised.routing());
            assertThat(routing.fallback()).startsWith("RAISED: KeyError: 's-raise'");
            assertThat(routing.choice()).isEqualTo(raised.instanceId());

            assertThat(log.finished(block.id).stream().flatMap(t -> Stream.ofNullable(t.routing())))
                    .as("what the policy did not decide says why")
                    .allMatch(r ->
                            r.lane() != null
                                    || String.valueOf(r.fallback()).startsWith("NOT_CALLED: "));

            Map<String, List<Long>> byLane =
                    log.finished(block.id).stream()
                            .map(t -> Objects.requireNonNull(t.routing()))
                            .filter(r -> r.lane() != null)
                            .collect(
                                    Collectors.groupingBy(
                                            r -> String.valueOf(r.lane()),
                                            Collectors.mapping(
                                                    Routing::sequence, Collectors.toList())));
            assertThat(byLane).hasSize(2);
            byLane.forEach((lane, sequences) -> {
                assertThat(lane).startsWith("exec-1.");
                assertThat(sequences.stream().sorted().toList())
                        .isEqualTo(
                                java.util.stream.LongStream.rangeClosed(1, sequences.size())
                                        .boxed()
                                        .toList());
            });
        }
    }

    @Test
    void answersManagementCallsOnEveryLaneAndChangesThePolicyHot() throws Exception {
        try (BlockUnderTest block = block("blk-manage", "{}")) {
            awaitPolicy(block);
            log.writer
                    .append(
                            new Envelope<>(
                                    "cmd-1",
                                    "/test",
                                    1,
                                    null,
                                    null,
                                    new ManagePolicy(
                                            block.id, Kind.ROUTE, "count", Json.EMPTY_OBJECT)))
                    .get(60, TimeUnit.SECONDS);
            eventually()
                    .untilAsserted(() ->
                            assertThat(decided(block.id, Call.MANAGE))
                                    .hasSize(2)
                                    .allSatisfy(r ->
                                            assertThat(r.envelope().causationId())
                                                    .isEqualTo("cmd-1")));
            for (LogRecord<Event> record : decided(block.id, Call.MANAGE)) {
                PolicyDecided managed = (PolicyDecided) record.event();
                PolicyDecided init =
                        decided(block.id, Call.INIT).stream()
                                .map(r -> (PolicyDecided) r.event())
                                .filter(d -> Objects.equals(d.lane(), managed.lane()))
                                .findFirst()
                                .orElseThrow();
                assertThat(managed.previousHash())
                        .isEqualTo(ChainPosition.after(init).previousHash());
            }

            block.activate(
                    new PolicyBinding(
                            "last:1-stable", Json.parse("{\"first\":true}"), Json.EMPTY_OBJECT));
            eventually()
                    .untilAsserted(() -> {
                        client.predict(block.id, packet("s", 1, "word"));
                        assertThat(lastRouting(block.id).choice()).isEqualTo("in-a");
                        assertThat(lastRouting(block.id).incarnation()).isEqualTo(2);
                    });
        }
    }

    @Test
    void fallsBackWhenThePolicyDoesNotAnswerAndGivesItUp() throws Exception {
        try (BlockUnderTest block = block("blk-loop", "{\"lanes\":1,\"deadline_ms\":5}")) {
            awaitPolicy(block);
            eventually()
                    .untilAsserted(() -> {
                        client.predict(block.id, packet("s", 1, "loop"));
                        assertThat(quarantines(block.id)).hasSize(1);
                    });
            List<Routing> cut =
                    log.finished(block.id).stream()
                            .map(t -> Objects.requireNonNull(t.routing()))
                            .filter(r -> r.lane() != null && r.fallback() != null)
                            .toList();
            assertThat(cut).hasSize(BalancerLane.MAX_CUT_SHORT);
            assertThat(cut).extracting(Routing::incarnation).containsExactly(1, 2, 3);
            assertThat(cut)
                    .allSatisfy(r -> assertThat(r.fallback()).startsWith("TIMED_OUT: no result"));
            client.predict(block.id, packet("s", 2, "word"));
            eventually()
                    .untilAsserted(() ->
                            assertThat(lastRouting(block.id).fallback())
                                    .startsWith("NOT_CALLED: the policy was given up"));
        }
    }

    @Test
    void letsAPolicyAskTheHostsThatTheOperatorAllowed() throws Exception {
        String url = "http://127.0.0.1:" + web.getAddress().getPort() + "/where";
        try (BlockUnderTest block = block("blk-ask", "{\"ask\":\"" + url + "\"}")) {
            eventually().untilAsserted(() -> assertThat(decided(block.id, Call.INIT)).isNotEmpty());

            PolicyDecided init = (PolicyDecided) decided(block.id, Call.INIT).getFirst().event();
            assertThat(init.effects())
                    .hasSize(1)
                    .first(InstanceOfAssertFactories.type(HttpExchanged.class))
                    .satisfies(asked -> {
                        assertThat(asked.url()).isEqualTo(url);
                        assertThat(Objects.requireNonNull(asked.response()).status())
                                .isEqualTo(204);
                    });
        }
    }

    private BlockUnderTest block(String id, String settings) throws Exception {
        SortedMap<String, PolicyBinding> policies = new TreeMap<>();
        policies.put(
                "loadBalancer",
                new PolicyBinding("last:1-stable", Json.EMPTY_OBJECT, Json.parse(settings)));
        BlockUnderTest block = new BlockUnderTest(id, log.writer, policies);
        block.start("in-a", 4);
        block.start("in-b", 4);
        return block;
    }

    /** Until every lane has its object and both instances are there. */
    private void awaitPolicy(BlockUnderTest block) {
        eventually()
                .untilAsserted(() ->
                        assertThat(log.ticks(block.id)).anyMatch(t -> t.instances().size() == 2));
        eventually()
                .untilAsserted(() -> {
                    for (int i = 0; i < 8; i++) {
                        client.predict(block.id, packet("w-" + i, i, "warm"));
                    }
                    List<TaskFinished> last =
                            log.finished(block.id).stream()
                                    .sorted(Comparator.comparingLong(TaskFinished::atMs))
                                    .toList();
                    assertThat(last).hasSizeGreaterThan(8);
                    assertThat(last.subList(last.size() - 8, last.size()))
                            .allSatisfy(t -> {
                                Routing r = Objects.requireNonNull(t.routing());
                                assertThat(r.lane()).isNotNull();
                                assertThat(r.candidates()).hasSize(2);
                            });
                });
    }

    /** Of tasks but those that waited for the policy. */
    private List<TaskFinished> policyTasks(String blockId, int count) {
        eventually().untilAsserted(() -> assertThat(policyTasks(blockId)).hasSize(count));
        return policyTasks(blockId);
    }

    private List<TaskFinished> policyTasks(String blockId) {
        return log.finished(blockId).stream().filter(t -> t.sessionId().startsWith("s-")).toList();
    }

    private Routing lastRouting(String blockId) {
        return Objects.requireNonNull(log.finished(blockId).getLast().routing());
    }

    private static TaskFinished task(List<TaskFinished> tasks, String session) {
        return tasks.stream().filter(t -> t.sessionId().equals(session)).findFirst().orElseThrow();
    }

    private List<LogRecord<Event>> decided(String blockId, Call call) {
        return decisions.stream()
                .filter(r ->
                        r.event() instanceof PolicyDecided decided
                                && decided.blockId().equals(blockId)
                                && decided.call() == call
                                && decided.outcome() == Outcome.RETURNED)
                .toList();
    }

    private List<LogRecord<Event>> quarantines(String blockId) {
        return commands.stream()
                .filter(r ->
                        r.event() instanceof QuarantinePolicy quarantine
                                && quarantine.blockId().equals(blockId))
                .toList();
    }

    private static Json data(String data) {
        return Json.parse("{\"data\":\"" + data + "\"}");
    }

    private void write(Event event) throws Exception {
        log.writer
                .append(new Envelope<>("pol-" + event.subject(), "/test", 1, null, null, event))
                .get(60, TimeUnit.SECONDS);
    }
}
