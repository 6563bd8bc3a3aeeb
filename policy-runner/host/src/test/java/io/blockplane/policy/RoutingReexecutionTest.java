package io.blockplane.policy;

import static io.blockplane.policy.Balancers.INSTANCES;
import static io.blockplane.policy.Balancers.STICKY;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.events.TaskEvent.InstanceLoad;
import io.blockplane.events.TaskEvent.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedEngine.class)
class RoutingReexecutionTest {

    @Test
    void comesOutTheSameFromTheRecordsAlone(PolicyEngine engine) throws Exception {
        Map<String, Metrics> windows = new ConcurrentHashMap<>();
        for (int i = 0; i < 4; i++) {
            windows.put(
                    "w-" + i, new Metrics("w-" + i, Json.parse("{\"block_metrics\":[" + i + "]}")));
        }
        List<Routing> routings = new ArrayList<>();
        PolicyAssignment assignment = Balancers.assignment(engine, STICKY);
        RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, ChainPosition.START, RoutingLimits.PATIENT);
        PolicyDecided init = policy.init(1, MetricsSource.NONE);
        assertThat(init.outcome()).as(init.error()).isEqualTo(Outcome.RETURNED);
        SplittableRandom random = new SplittableRandom(7);
        PolicyDecided managed = null;
        for (int i = 0; i < 200; i++) {
            List<String> candidates = i % 50 < 40 ? INSTANCES : INSTANCES.subList(0, 2);
            Metrics window = requireNonNull(windows.get("w-" + i / 50));
            Balancers.Packet packet =
                    new Balancers.Packet("s-" + random.nextInt(20), random.nextInt(100), "{}");
            routings.add(
                    record(policy.route(1_000 + i, packet, candidates, () -> window), candidates));
            if (i == 120) {
                managed = policy.manage(1_121, "clear", Json.EMPTY_OBJECT, MetricsSource.NONE);
            }
        }
        policy.close();
        assertThat(routings).anyMatch(r -> r.fallback() != null).anyMatch(r -> r.effects() == null);

        WindowDocuments documents = id -> requireNonNull(windows.get(id)).document();
        PolicyDecided cleared = requireNonNull(managed);
        try (RoutingReexecution again = new RoutingReexecution(engine, assignment, init)) {
            assertThat(again.decision(init, documents))
                    .isInstanceOfSatisfying(
                            Reexecution.Executed.class,
                            executed ->
                                    assertThat(Reexecution.same(init, executed.decision()))
                                            .isTrue());
            for (Routing routing : routings) {
                assertThat(again.routing(routing, documents))
                        .as("sequence " + routing.sequence())
                        .isEqualTo(new RoutingReexecution.Rerouted.Same());
                if (routing.sequence() == 121) {
                    assertThat(again.decision(cleared, documents))
                            .isInstanceOfSatisfying(
                                    Reexecution.Executed.class,
                                    executed ->
                                            assertThat(executed.decision().output())
                                                    .isEqualTo(Json.parse("{\"cleared\":true}")));
                }
            }
            Routing last = routings.getLast();
            assertThat(again.routing(withChoice(last, "in-00x"), documents))
                    .isInstanceOfSatisfying(
                            RoutingReexecution.Rerouted.Different.class,
                            different -> assertThat(different.field()).isEqualTo("choice"));
        }
    }

    private static Routing record(Routed routed, List<String> candidates) {
        Routed.Call call =
                switch (routed) {
                    case Routed.Chosen chosen -> chosen.call();
                    case Routed.NoChoice none -> none.call();
                    case Routed.NotCalled(String reason) -> throw new AssertionError(reason);
                };
        return new Routing(
                "lb:1-stable",
                call.incarnation(),
                call.sequence(),
                1,
                candidates.stream().map(id -> new InstanceLoad(id, 0)).toList(),
                routed instanceof Routed.Chosen chosen ? chosen.instanceId() : candidates.get(0),
                "ex.1.0",
                call.logicalTimeMs(),
                call.packet(),
                call.effects().isEmpty() ? null : call.effects(),
                routed instanceof Routed.NoChoice none ? none.fallback() : null);
    }

    private static Routing withChoice(Routing routing, String choice) {
        return new Routing(
                routing.policy(),
                routing.incarnation(),
                routing.sequence() + 1,
                routing.instanceSetVersion(),
                routing.candidates(),
                choice,
                routing.lane(),
                routing.logicalTimeMs(),
                routing.packet(),
                routing.effects(),
                routing.fallback());
    }
}
