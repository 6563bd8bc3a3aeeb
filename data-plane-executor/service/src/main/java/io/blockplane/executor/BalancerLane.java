package io.blockplane.executor;

import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.QuarantinePolicy;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.PolicyDecided.Outcome;
import io.blockplane.executor.packet.PacketView;
import io.blockplane.policy.ChainPosition;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutingLimits;
import io.blockplane.policy.RoutingPolicy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of a block's shares of sessions and the policy object that routes them. Makes the object,
 * another one when it ends, and gives the policy up when too many end: with a pause between, and a
 * word to the control plane at the end. All of that happens on a thread of the lane's own; {@link
 * #ask} only asks an object that is there.
 */
final class BalancerLane implements AutoCloseable {

    /** Objects in a row that ended by being cut short, before the policy is given up. */
    static final int MAX_CUT_SHORT = 3;

    /** Before the second object of a policy; twice as long before each one after it. */
    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(BalancerLane.class);

    private final String blockId;
    private final String name;
    private final PolicyBalancers shared;
    private final ExecutorService worker;
    private final AtomicInteger failures = new AtomicInteger();

    /** On the worker only. */
    private ChainPosition position = ChainPosition.START;

    private volatile Seat seat = new Seat(null, "no policy is assigned");
    private volatile @Nullable Wanted wanted;

    /** What routes now; without an object: why there is none. */
    private static final class Seat {
        private final @Nullable RoutingPolicy policy;
        private final String why;

        private Seat(@Nullable RoutingPolicy policy, String why) {
            this.policy = policy;
            this.why = why;
        }
    }

    /** What is to route. Each is another one, whatever is in it. */
    static final class Wanted {
        private final PolicyEngine engine;
        private final PolicyAssignment assignment;
        private final RoutingLimits limits;

        Wanted(PolicyEngine engine, PolicyAssignment assignment, RoutingLimits limits) {
            this.engine = engine;
            this.assignment = assignment;
            this.limits = limits;
        }
    }

    /** An answer, and the uri of the policy that gave it; empty when none was called. */
    record Asked(Routed routed, String policyUri) {}

    BalancerLane(String blockId, String name, PolicyBalancers shared) {
        this.blockId = blockId;
        this.name = name;
        this.shared = shared;
        this.worker =
                Executors.newSingleThreadExecutor(
                        Thread.ofVirtual().name("balancer-" + blockId + "-" + name).factory());
    }

    String name() {
        return name;
    }

    /** From now on this routes; null: nothing, for this reason. */
    void assign(@Nullable Wanted next, String why) {
        wanted = next;
        failures.set(0);
        submit(() -> {
            if (wanted == next) {
                end(next == null ? why : "the policy is being loaded");
                begin(next);
            }
        });
    }

    /** Asks the object that is there. */
    Asked ask(long timeMs, PacketView packet, List<String> instances) {
        Seat now = seat;
        RoutingPolicy policy = now.policy;
        if (policy == null) {
            return new Asked(new Routed.NotCalled(now.why), "");
        }
        Routed routed = policy.route(timeMs, packet, instances, shared.metrics(blockId));
        if (routed instanceof Routed.NoChoice none && !none.outcome().reproducible()) {
            replace(now, none.fallback(), /* broken= */ true);
        }
        return new Asked(routed, policy.assignment().version().uri());
    }

    /** A call of this object is not in the log: what comes after it could not be replayed. */
    void unrecorded() {
        Seat now = seat;
        if (now.policy != null) {
            replace(now, "a task of the policy ended without a record", /* broken= */ false);
        }
    }

    /** Hands a management call to the object, and the answer to the log. */
    void manage(ManagePolicy call, String commandId) {
        submit(() -> {
            RoutingPolicy policy = seat.policy;
            if (policy == null || !policy.usable()) {
                LOG.atWarn()
                        .addKeyValue("blockId", blockId)
                        .addKeyValue("lane", name)
                        .addKeyValue("commandId", commandId)
                        .log("management call of a lane without a policy object");
                return;
            }
            PolicyDecided decided =
                    policy.manage(
                            shared.nowMs(), call.action(), call.data(), shared.metrics(blockId));
            shared.record(decided, commandId);
            if (!policy.usable()) {
                replace(seat, String.valueOf(decided.error()), /* broken= */ true);
            }
        });
    }

    @Override
    public void close() {
        wanted = null;
        worker.shutdownNow();
        RoutingPolicy policy = seat.policy;
        seat = new Seat(null, "this executor stops");
        if (policy != null) {
            policy.close();
        }
    }

    private void replace(Seat old, String why, boolean broken) {
        Wanted current = wanted;
        synchronized (this) {
            if (seat != old || current == null) {
                return;
            }
            seat = new Seat(null, why);
        }
        RoutingPolicy policy = old.policy;
        submit(() -> {
            if (policy != null) {
                policy.close();
                position = policy.position().nextIncarnation();
            }
            if (wanted != current || (broken && givenUp(current, why))) {
                return;
            }
            begin(current);
        });
    }

    /** On the worker. */
    private void end(String why) {
        RoutingPolicy policy = seat.policy;
        seat = new Seat(null, why);
        if (policy != null) {
            policy.close();
            position = policy.position().nextIncarnation();
        }
    }

    /** On the worker: makes an object, until one is there or the policy is given up. */
    private void begin(@Nullable Wanted next) {
        while (next != null && wanted == next) {
            RoutingPolicy policy =
                    new RoutingPolicy(next.engine, next.assignment, position, next.limits);
            PolicyDecided init = policy.init(shared.nowMs(), shared.metrics(blockId));
            position = policy.position();
            shared.record(init, null);
            if (init.outcome() == Outcome.RETURNED) {
                seat = new Seat(policy, "");
                if (wanted != next) {
                    end("another policy comes");
                }
                return;
            }
            position = position.nextIncarnation();
            String why = "INIT " + init.outcome() + ": " + init.error();
            seat = new Seat(null, why);
            if (givenUp(next, why)) {
                return;
            }
        }
    }

    /** On the worker: counts a failure, pauses, or gives up. */
    private boolean givenUp(Wanted current, String why) {
        int count = failures.incrementAndGet();
        LOG.atWarn()
                .addKeyValue("blockId", blockId)
                .addKeyValue("lane", name)
                .addKeyValue("failures", count)
                .addKeyValue("reason", why)
                .log("balancer object ended");
        if (count >= MAX_CUT_SHORT) {
            seat = new Seat(null, "the policy was given up: " + why);
            shared.command(
                    new QuarantinePolicy(
                            blockId,
                            PolicyRouting.POLICY_NAME,
                            current.assignment.version().uri(),
                            "%d objects in a row ended: %s".formatted(count, why)),
                    "quarantine-" + blockId + "-" + name + "-" + position.incarnation());
            return true;
        }
        try {
            Thread.sleep(FIRST_PAUSE.multipliedBy(1L << (count - 1)));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return true;
        }
        return false;
    }

    private void submit(Runnable task) {
        try {
            worker.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    seat = new Seat(null, "the lane failed: " + e.getMessage());
                    LOG.atError()
                            .addKeyValue("blockId", blockId)
                            .addKeyValue("lane", name)
                            .setCause(e)
                            .log("balancer lane failed");
                }
            });
        } catch (RejectedExecutionException _) {
            // Closed.
        }
    }
}
