package io.blockplane.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Envelope;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.TaskEvent.Entry;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Outcome;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.events.TaskEvent.TaskFinished;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutedPacket;
import io.blockplane.policy.RoutingLimits;
import io.blockplane.policy.RoutingPolicy;
import io.blockplane.policy.format.PolicyArchive;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedEngine.class)
class RoutingVerifyTest {

    private static final List<String> INSTANCES = List.of("in-a", "in-b", "in-c");

    /** Another instance at each call of a session, and chance for a new one. */
    private static final String ROUND =
            """
            import random

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.last = {}

                def eval(self, parameters, input_data, context):
                    packet, ids = input_data["packet"], input_data["instances"]
                    last = self.last.get(packet.session_id)
                    place = random.randrange(len(ids)) if last is None else (last + 1) % len(ids)
                    self.last[packet.session_id] = place
                    if packet.seq_no == 3:
                        raise ValueError(packet.data)
                    return {"instance_id": ids[place]}

                def management(self, action, data):
                    self.last.clear()
                    return {"cleared": True}
            """;

    private final List<Integer> tasks = new ArrayList<>();

    @TempDir private Path folder;

    @Test
    void executesEveryCallOfALaneAgain(PolicyEngine engine) throws IOException {
        RecordedLog log = life(engine);

        VerifyReport report = verify(engine, log);

        assertThat(report.findings()).isEmpty();
        assertThat(report.holds()).isTrue();
        assertThat(report.decisions()).isEqualTo(45);
        assertThat(report.identical()).isEqualTo(45);
    }

    @Test
    void saysWhatAChangedRecordOfATaskSaysOtherwise(PolicyEngine engine) throws IOException {
        RecordedLog log = life(engine);
        int first = tasks.get(0);
        RecordedLog other = changed(log, first, "\"choice\":\"in-", "\"choice\":\"xx-");
        assertThat(verify(engine, other).findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.Diverged.class,
                        diverged -> assertThat(diverged.field()).isEqualTo("choice"));

        RecordedLog read = changed(log, first, "\"session_id\":\"s-0\"", "\"ts\":\"0.0\"");
        assertThat(verify(engine, read).firstDivergence())
                .hasValueSatisfying(diverged -> assertThat(diverged.field()).isEqualTo("packet"));
    }

    @Test
    void vouchesForWhatComesBeforeACallThatHasNoRecord(PolicyEngine engine) throws IOException {
        RecordedLog log = life(engine);

        VerifyReport last = verify(engine, log.without(tasks.get(39)));
        assertThat(last.holds()).isTrue();
        assertThat(last.identical()).isEqualTo(42);
        assertThat(last.findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.Gap.class,
                        gap -> {
                            assertThat(gap.atEnd()).isTrue();
                            assertThat(gap.unverified()).isEqualTo(2);
                            assertThat(gap.text()).contains("calls 42 to 42");
                        });

        VerifyReport between = verify(engine, log.without(tasks.get(10)));
        assertThat(between.holds()).isFalse();
        assertThat(between.findings())
                .singleElement()
                .isInstanceOfSatisfying(
                        Finding.Gap.class,
                        gap -> {
                            assertThat(gap.atEnd()).isFalse();
                            assertThat(gap.unverified()).isEqualTo(15);
                        });
        assertThat(between.identical()).isEqualTo(29);
    }

    /** INIT, 13 calls, MANAGE, 12 calls; another object: INIT, 17 calls... */
    private RecordedLog life(PolicyEngine engine) {
        RecordedLog log = new RecordedLog();
        PolicyArchive archive = PolicyArchive.ofFunction(ROUND);
        log.archive(archive);
        tasks.clear();
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        "blk",
                        Kind.ROUTE,
                        "exec-1.1.0",
                        "round:1-stable",
                        archive,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.parse("{\"block_data\":{},\"cluster_data\":{}}"));
        ChainPosition position;
        try (RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, ChainPosition.START, RoutingLimits.PATIENT)) {
            log.decision(policy.init(1, MetricsSource.NONE));
            calls(log, policy, 13);
            log.decision(policy.manage(2, "clear", Json.EMPTY_OBJECT, MetricsSource.NONE));
            calls(log, policy, 12);
            position = policy.position().nextIncarnation();
        }
        try (RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, position, RoutingLimits.PATIENT)) {
            PolicyDecided init = policy.init(3, MetricsSource.NONE);
            assertThat(init.incarnation()).isEqualTo(2);
            log.decision(init);
            calls(log, policy, 17);
        }
        return log;
    }

    private void calls(RecordedLog log, RoutingPolicy policy, int count) {
        for (int i = 0; i < count; i++) {
            int number = i;
            RoutedPacket packet = new Packet("s-" + number % 4, number % 5);
            Routed routed = policy.route(1_000 + i, packet, INSTANCES, MetricsSource.NONE);
            tasks.add(log.size());
            log.add(task(routed));
        }
    }

    private Envelope<TaskFinished> task(Routed routed) {
        Routed.Call call =
                switch (routed) {
                    case Routed.Chosen chosen -> chosen.call();
                    case Routed.NoChoice none -> none.call();
                    case Routed.NotCalled(String reason) -> throw new AssertionError(reason);
                };
        Routing routing =
                new Routing(
                        "round:1-stable",
                        call.incarnation(),
                        call.sequence(),
                        3,
                        INSTANCES.stream().map(id -> new InstanceLoad(id, 0)).toList(),
                        routed instanceof Routed.Chosen chosen ? chosen.instanceId() : "in-a",
                        "exec-1.1.0",
                        call.logicalTimeMs(),
                        call.packet(),
                        call.effects().isEmpty() ? null : call.effects(),
                        routed instanceof Routed.NoChoice none ? none.fallback() : null);
        String id = "t-" + call.sequence();
        TaskFinished task =
                new TaskFinished(
                        "blk",
                        id,
                        Entry.PREDICT,
                        "s",
                        "1",
                        routing.choice(),
                        Outcome.COMPLETED,
                        null,
                        5,
                        1,
                        1,
                        2,
                        0,
                        0,
                        1,
                        routing);
        return new Envelope<>("task-" + id, "/executor/exec-1", 5, null, null, task);
    }

    private static RecordedLog changed(RecordedLog log, int index, String from, String to) {
        String text = new String(log.value(index), StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        String changed = text.replace(from, to);
        EventJson.decode(TaskFinished.class, changed.getBytes(StandardCharsets.UTF_8));
        return log.withValue(index, changed.getBytes(StandardCharsets.UTF_8));
    }

    private VerifyReport verify(PolicyEngine engine, RecordedLog log) throws IOException {
        return Verify.run(log.write(folder), Selection.ALL, engine, (_, _) -> {});
    }

    private record Packet(String sessionId, long seqNo) implements RoutedPacket {

        @Override
        public byte[] framePtr() {
            return new byte[0];
        }

        @Override
        public String data() {
            return "data of " + sessionId;
        }

        @Override
        public double ts() {
            return 0;
        }

        @Override
        public String outputPtr() {
            return "";
        }

        @Override
        public List<RoutedFile> files() {
            return List.of();
        }
    }
}
