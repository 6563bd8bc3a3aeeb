package io.blockplane.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.format.PolicyArchive;
import java.util.List;

/** Balancers, packets and ways to run them that the tests share. */
final class Balancers {

    static final List<String> INSTANCES = List.of("in-000", "in-001", "in-002");

    /** Remembers where a session went, and asks for metrics and chance when it does not know. */
    static final String STICKY =
            """
            import random

            class AIOSv1PolicyRule:
                def __init__(self, rule_id, settings, parameters):
                    self.get_metrics = settings["get_metrics"]
                    self.sessions = {}
                    self.known = []

                def eval(self, parameters, input_data, context):
                    if sorted(input_data["instances"]) != self.known:
                        self.sessions.clear()
                        self.known = sorted(input_data["instances"])
                    session = input_data["packet"].session_id
                    if session not in self.sessions:
                        if input_data["packet"].seq_no % 7 == 6:
                            raise KeyError(session)
                        documents = self.get_metrics()["block_metrics"]
                        self.sessions[session] = random.choice(input_data["instances"])
                        print(session, len(documents))
                    return {"instance_id": self.sessions[session]}

                def management(self, action, data):
                    self.sessions.clear()
                    return {"cleared": True}
            """;

    private Balancers() {}

    /** A packet with two files. */
    record Packet(String sessionId, long seqNo, String data) implements RoutedPacket {

        private record File(String metadata, byte last) implements RoutedFile {
            @Override
            public byte[] fileData() {
                return new byte[] {last};
            }
        }

        @Override
        public byte[] framePtr() {
            return new byte[] {0, (byte) 200, (byte) 255};
        }

        @Override
        public double ts() {
            return 1.5;
        }

        @Override
        public String outputPtr() {
            return "";
        }

        @Override
        public List<RoutedFile> files() {
            return List.of(new File("m-0", (byte) 0xff), new File("m-1", (byte) 0xfe));
        }
    }

    static RoutingPolicy live(PolicyEngine engine, String source, RoutingLimits limits) {
        RoutingPolicy policy =
                new RoutingPolicy(engine, assignment(engine, source), ChainPosition.START, limits);
        PolicyDecided init = policy.init(1, MetricsSource.NONE);
        assertThat(init.outcome()).as(init.error()).isEqualTo(Outcome.RETURNED);
        return policy;
    }

    static PolicyAssignment assignment(PolicyEngine engine, String source) {
        return PolicyAssignment.of(
                engine,
                "block-a",
                Kind.ROUTE,
                "ex.1.0",
                "lb:1-stable",
                PolicyArchive.ofFunction(source),
                Json.EMPTY_OBJECT,
                Json.EMPTY_OBJECT,
                Json.parse("{\"block_data\":{\"id\":\"block-a\"},\"cluster_data\":{}}"));
    }
}
