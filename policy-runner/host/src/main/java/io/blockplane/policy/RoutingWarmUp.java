package io.blockplane.policy;

import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.policy.format.PolicyArchive;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an engine ready for balancers by running one of the host's own for a while: the first call
 * of a policy then finds the paths around it warm. A policy of a user's is never run for this; it
 * would count what it never saw.
 */
public final class RoutingWarmUp {

    private static final Logger LOG = LoggerFactory.getLogger(RoutingWarmUp.class);

    private static final int CALLS = 3_000;
    private static final int SESSIONS = 64;
    private static final String POLICY = "io/blockplane/policy/warm_up_balancer.py";
    private static final List<String> INSTANCES = List.of("a", "b", "c", "d");

    private RoutingWarmUp() {}

    /** Takes a few seconds of processor time; blocks. */
    public static void run(PolicyEngine engine) {
        long started = System.nanoTime();
        PolicyAssignment assignment =
                PolicyAssignment.of(
                        engine,
                        "warm-up",
                        Kind.ROUTE,
                        "warm-up",
                        "builtin:warm-up",
                        PolicyArchive.ofFunction(Resources.text(POLICY)),
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT,
                        Json.EMPTY_OBJECT);
        try (RoutingPolicy policy =
                new RoutingPolicy(engine, assignment, ChainPosition.START, RoutingLimits.PATIENT)) {
            PolicyDecided init = policy.init(0, MetricsSource.NONE);
            if (init.outcome() != Outcome.RETURNED) {
                throw new IllegalStateException("warm-up: " + init.error());
            }
            for (int i = 0; i < CALLS; i++) {
                RoutedPacket packet =
                        PacketFields.packet(
                                new Json(
                                        "{\"session_id\":\"s-"
                                                + i % SESSIONS
                                                + "\",\"data\":\"{}\"}"));
                if (!(policy.route(i, packet, INSTANCES, MetricsSource.NONE)
                        instanceof Routed.Chosen)) {
                    throw new IllegalStateException("warm-up: no choice");
                }
            }
        }
        LOG.atInfo()
                .addKeyValue("ms", Duration.ofNanos(System.nanoTime() - started).toMillis())
                .log("balancers are warm");
    }
}
