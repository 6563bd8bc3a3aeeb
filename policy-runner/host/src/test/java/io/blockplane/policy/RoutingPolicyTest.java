package io.blockplane.policy;

import static io.blockplane.policy.Balancers.INSTANCES;
import static io.blockplane.policy.Balancers.STICKY;
import static io.blockplane.policy.Balancers.live;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.PolicyDecided.Printed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedEngine.class)
class RoutingPolicyTest {

    private static final RoutingLimits TIGHT =
            new RoutingLimits(Policies.LIMITS, Duration.ofMillis(200), Duration.ofMillis(800));

    /** Runs the code in {@code packet.data}; without code it names the first instance. */
    private static final String OBEDIENT =
            """
            import random
            import time

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.settings = settings
                    self.get_metrics = settings["get_metrics"]
                    self.kept = []

                def eval(self, parameters, input_data, context):
                    if input_data["mode"] != "load_balance":
                        return {"asked": input_data, "block": self.settings["block_data"]["id"]}
                    packet, instances = input_data["packet"], input_data["instances"]
                    world = {"self": self, "input_data": input_data, "packet": packet,
                             "instances": instances, "random": random, "time": time}
                    exec(packet.data, world)
                    if "result" in world:
                        return world["result"]
                    return {"instance_id": instances[0]}

                def management(self, action, data):
                    return {"action": action, "data": data, "kept": len(self.kept)}
            """;

    @Test
    void givesThePacketAsProtobufDoesAndRecordsWhatWasRead(PolicyEngine engine) {
        try (RoutingPolicy policy = live(engine, OBEDIENT, RoutingLimits.PATIENT)) {
            Map<String, String> checks =
                    Map.ofEntries(
                            Map.entry("pass", "data"),
                            Map.entry("assert packet.session_id == 's-1'", "data session_id"),
                            Map.entry("assert packet.seq_no == 2**64 - 1", "data seq_no"),
                            Map.entry("assert packet.ts == 1.5", "data ts"),
                            Map.entry(
                                    "assert packet.frame_ptr == bytes([0, 200, 255])",
                                    "data frame_ptr"),
                            Map.entry("assert type(packet.frame_ptr) is bytes", "data frame_ptr"),
                            Map.entry("assert getattr(packet, 'nope', 7) == 7", "data"),
                            Map.entry("assert len(packet.files) == 2", "data files"),
                            Map.entry("assert packet.files[1].file_data == b'\\xfe'", "data files"),
                            Map.entry("packet.session_id = 'x'", "data"),
                            Map.entry(
                                    "packet.session_id = 'x'; assert packet.session_id == 'x'",
                                    "data"),
                            Map.entry(
                                    "assert isinstance(instances, list) and len(instances) == 3",
                                    "data"),
                            Map.entry(
                                    "instances.clear(); result = {'instance_id': 'in-002'}",
                                    "data"),
                            Map.entry(
                                    "import json; json.dumps(instances); assert type(input_data) is"
                                            + " dict",
                                    "data"),
                            Map.entry(
                                    "import copy; c = copy.deepcopy(input_data)['packet']; assert"
                                        + " c.session_id == 's-1' and c.files[0].metadata == 'm-0'",
                                    "data files frame_ptr output_ptr seq_no session_id ts"));
            checks.forEach((code, read) -> {
                Routed routed = route(policy, code);
                assertThat(routed).as(code).isInstanceOf(Routed.Chosen.class);
                assertThat(String.join(" ", sorted(((Routed.Chosen) routed).call())))
                        .as(code)
                        .isEqualTo(read);
            });
            Routed serialized = route(policy, "print(packet.SerializeToString().hex())");
            assertThat(((Routed.Chosen) serialized).call().effects())
                    .containsExactly(
                            new Printed(
                                    "stdout",
                                    "0a03732d31"
                                            + "10ffffffffffffffffff01"
                                            + "1a0300c8ff"
                                            + "2227"
                                            + hex("print(packet.SerializeToString().hex())")
                                            + "29000000000000f83f"
                                            + "3a080a036d2d301201ff"
                                            + "3a080a036d2d311201fe"));
        }
    }

    @Test
    void saysWhatIsWrongWithAnAnswerAndGoesOn(PolicyEngine engine) {
        try (RoutingPolicy policy = live(engine, OBEDIENT, RoutingLimits.PATIENT)) {
            assertThat(failure(policy, "result = None"))
                    .isEqualTo("UNUSABLE: output: a NoneType (expected: a dict with instance_id)");
            assertThat(failure(policy, "result = {}"))
                    .isEqualTo("UNUSABLE: instance_id: missing (expected: the id of an instance)");
            assertThat(failure(policy, "result = {'instance_id': ['in-000']}"))
                    .isEqualTo("UNUSABLE: instance_id: a list (expected: the id of an instance)");
            assertThat(failure(policy, "result = {'instance_id': 'in-009'}"))
                    .isEqualTo(
                            "UNUSABLE: instance_id: \"in-009\" (expected: one of the 3 instances)");
            assertThat(failure(policy, "packet.seq_no = 'x'"))
                    .startsWith("RAISED: TypeError: 'x' has type str, but seq_no expects int");
            assertThat(failure(policy, "packet.nope = 1")).startsWith("RAISED: AttributeError");
            assertThat(failure(policy, "packet.HasField('data')"))
                    .startsWith("RAISED: ValueError: Can't test non-optional");
            assertThat(route(policy, "self.kept.append(packet)")).isInstanceOf(Routed.Chosen.class);
            assertThat(failure(policy, "self.kept[0].session_id"))
                    .startsWith("RAISED: RuntimeError: packet.session_id was not read");
            assertThat(policy.usable()).isTrue();
            PolicyDecided managed =
                    policy.manage(9, "sizes", Json.parse("{\"a\":1}"), MetricsSource.NONE);
            assertThat(managed.output())
                    .isEqualTo(Json.parse("{\"action\":\"sizes\",\"data\":{\"a\":1},\"kept\":1}"));
            PolicyDecided asked =
                    policy.manage(9, "check_execute", Json.parse("{\"a\":1}"), MetricsSource.NONE);
            assertThat(asked.output())
                    .isEqualTo(
                            Json.parse(
                                    "{\"asked\":{\"mode\":\"check_execute\",\"inputs\":{\"a\":1}},"
                                            + "\"block\":\"block-a\"}"));
            assertThat(asked.previousHash()).isEqualTo(ChainPosition.after(managed).previousHash());
        }
    }

    @Test
    void giveMetricsThatCannotLeakFromCallToCall(PolicyEngine engine) {
        Metrics one = new Metrics("w-1", Json.parse("{\"block_metrics\":[{\"x\":{\"y\":1.5}}]}"));
        Metrics two = new Metrics("w-2", Json.parse("{\"block_metrics\":[]}"));
        try (RoutingPolicy policy = live(engine, OBEDIENT, RoutingLimits.PATIENT)) {
            String spoil =
                    "m = self.get_metrics(); assert m['block_metrics'][0]['x']['y'] == 1.5;"
                            + " m['block_metrics'][0]['x']['y'] = 0; m['block_metrics'].append(1)";
            for (int i = 0; i < 3; i++) {
                Routed routed = policy.route(i, packet(spoil), INSTANCES, () -> one);
                assertThat(routed).isInstanceOf(Routed.Chosen.class);
                assertThat(((Routed.Chosen) routed).call().effects()).containsExactly(one.read());
            }
            assertThat(
                            policy.route(
                                    4,
                                    packet("assert self.get_metrics()['block_metrics'] == []"),
                                    INSTANCES,
                                    () -> two))
                    .isInstanceOf(Routed.Chosen.class);
        }
    }

    @Test
    void endsAnObjectThatDoesNotAnswerInTime(PolicyEngine engine) {
        RoutingPolicy policy = live(engine, OBEDIENT, TIGHT);
        assertThat(route(policy, "pass")).isInstanceOf(Routed.Chosen.class);
        Routed late = route(policy, "while True: pass");
        assertThat(late)
                .isInstanceOfSatisfying(
                        Routed.NoChoice.class,
                        none -> {
                            assertThat(none.outcome()).isEqualTo(Outcome.TIMED_OUT);
                            assertThat(none.call().sequence()).isEqualTo(2);
                        });
        assertThat(policy.usable()).isFalse();
        assertThat(policy.position().sequence()).isEqualTo(3);
        assertThat(route(policy, "pass")).isInstanceOf(Routed.NotCalled.class);
    }

    @Test
    void numbersCallsOfManyThreadsWithoutAGap(PolicyEngine engine) {
        try (RoutingPolicy policy = live(engine, STICKY, RoutingLimits.PATIENT)) {
            List<Long> sequences =
                    IntStream.range(0, 400)
                            .parallel()
                            .mapToObj(i ->
                                    policy.route(
                                            i,
                                            new Balancers.Packet("s", 0, ""),
                                            INSTANCES,
                                            MetricsSource.NONE))
                            .map(routed -> ((Routed.Chosen) routed).call().sequence())
                            .sorted()
                            .toList();
            assertThat(sequences)
                    .isEqualTo(IntStream.rangeClosed(1, 400).mapToObj(Long::valueOf).toList());
        }
    }

    private static Balancers.Packet packet(String code) {
        return new Balancers.Packet("s-1", -1, code);
    }

    private static Routed route(RoutingPolicy policy, String code) {
        return policy.route(5, packet(code), INSTANCES, MetricsSource.NONE);
    }

    private static String failure(RoutingPolicy policy, String code) {
        return ((Routed.NoChoice) route(policy, code)).fallback();
    }

    private static List<String> sorted(Routed.Call call) {
        return call.packet().object().properties().stream()
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hex.append("%02x".formatted(b));
        }
        return hex.toString();
    }
}
