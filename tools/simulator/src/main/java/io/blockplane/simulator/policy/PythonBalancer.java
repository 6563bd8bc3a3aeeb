package io.blockplane.simulator.policy;

import io.blockplane.events.PolicyDecided;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.MetricsSource;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutedPacket;
import io.blockplane.policy.RoutingLimits;
import io.blockplane.policy.RoutingPolicy;
import io.blockplane.simulator.workload.Request;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user's balancer, run by the production host, on as many lanes as its settings say. The packet
 * that it sees has session, number, time and a prompt of the recorded length; not how much will be
 * written.
 */
public final class PythonBalancer implements RoutingAdvisor {

    private static final String LANES = "lanes";
    private static final int DEFAULT_LANES = 2;
    private static final int MAX_LANES = 16;

    private final List<RoutingPolicy> lanes = new ArrayList<>();

    /**
     * Makes its objects.
     *
     * @param assignment of kind ROUTE with a lane; others get the lane's name with a number
     * @throws IllegalArgumentException when one can't be made; the message says why
     */
    public PythonBalancer(PolicyEngine engine, PolicyAssignment assignment, long nowMs) {
        int count =
                Math.clamp(
                        assignment.settings().node().path(LANES).asInt(DEFAULT_LANES),
                        1,
                        MAX_LANES);
        for (int i = 0; i < count; i++) {
            PolicyAssignment own =
                    new PolicyAssignment(
                            assignment.blockId(),
                            assignment.kind(),
                            assignment.lane() + "-" + i,
                            assignment.version(),
                            assignment.archive(),
                            assignment.parameters(),
                            assignment.settings(),
                            assignment.surroundings(),
                            assignment.schemas());
            RoutingPolicy policy =
                    new RoutingPolicy(engine, own, ChainPosition.START, RoutingLimits.PATIENT);
            lanes.add(policy);
            PolicyDecided made = policy.init(nowMs, MetricsSource.NONE);
            if (made.outcome() != PolicyDecided.Outcome.RETURNED) {
                close();
                throw new IllegalArgumentException(
                        "balancer: " + made.outcome() + ": " + made.error());
            }
        }
    }

    @Override
    public @Nullable String choose(long nowMs, Request request, List<String> instanceIds) {
        RoutingPolicy lane = lanes.get(Math.floorMod(request.session().hashCode(), lanes.size()));
        return lane.route(nowMs, new Packet(request, nowMs), instanceIds, MetricsSource.NONE)
                        instanceof Routed.Chosen chosen
                ? chosen.instanceId()
                : null;
    }

    @Override
    public void close() {
        lanes.forEach(RoutingPolicy::close);
    }

    private record Packet(Request request, long nowMs) implements RoutedPacket {

        @Override
        public String sessionId() {
            return request.session();
        }

        @Override
        public long seqNo() {
            return request.seqNo();
        }

        @Override
        public byte[] framePtr() {
            return new byte[0];
        }

        @Override
        public String data() {
            return "{\"prompt\":\"" + "word ".repeat(request.tokensIn()).strip() + "\"}";
        }

        @Override
        public double ts() {
            return nowMs / 1e3;
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
