package io.blockplane.executor;

import com.fasterxml.jackson.databind.JsonNode;
import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockEvent;
import io.blockplane.events.BlockSpec;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided.Kind;
import io.blockplane.events.TaskEvent.Routing;
import io.blockplane.executor.core.NativeBalancers;
import io.blockplane.executor.core.RoutingRules;
import io.blockplane.executor.core.routing.Candidates;
import io.blockplane.executor.core.routing.Move;
import io.blockplane.executor.core.routing.Place;
import io.blockplane.executor.packet.Packet;
import io.blockplane.executor.packet.PacketView;
import io.blockplane.policy.PolicyAssignment;
import io.blockplane.policy.PolicyEngine;
import io.blockplane.policy.Routed;
import io.blockplane.policy.RoutingLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A block's own balancer policy on its lanes. A task comes with the place that the built-in
 * balancer found for it; if a policy is bound, the lane of the task's session is asked and the
 * place is moved to where it says. What it can't say within its limits does not hold a task up: the
 * place stays, and the routing record says why.
 */
final class PolicyRouting implements AutoCloseable {

    /** In a block's {@code policies}. */
    static final String POLICY_NAME = RoutingRules.POLICY_NAME;

    /** Setting: how many lanes, 1 to {@link #MAX_LANES}. */
    static final String LANES = "lanes";

    /** Setting: milliseconds of a routing call, see {@link RoutingLimits}. */
    static final String DEADLINE_MS = "deadline_ms";

    static final int DEFAULT_LANES = 2;
    static final int MAX_LANES = 16;
    static final int MAX_DEADLINE_MS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(PolicyRouting.class);
    private static final Routed.NotCalled LOADING =
            new Routed.NotCalled("the policy is being loaded");

    private final String blockId;
    private final PolicyBalancers shared;

    /** In use by the current policy; the others keep their places in their chains. */
    private volatile Active active = new Active(null, List.of());

    /** A policy is bound and has no lanes yet: the first engine of a process takes its time. */
    private volatile boolean loading;

    // Written on the tail of the block's events, read on the loader.
    private volatile @Nullable BlockSpec spec;

    /** Made so far, by number. On the loader. */
    private final List<BalancerLane> lanes = new ArrayList<>();

    private record Active(@Nullable PolicyBinding binding, List<BalancerLane> lanes) {}

    PolicyRouting(String blockId, PolicyBalancers shared) {
        this.blockId = blockId;
        this.shared = shared;
    }

    /** The block was created. */
    void begin(BlockSpec created) {
        spec = created;
        bind(created.policies().get(POLICY_NAME), "");
    }

    /** One of the block's policies changed. */
    void apply(BlockEvent.PolicyChange change) {
        if (!change.policyName().equals(POLICY_NAME)) {
            return;
        }
        switch (change) {
            case BlockEvent.PolicyActivated activated -> bind(activated.binding(), "");
            case BlockEvent.PolicyQuarantined quarantined -> {
                PolicyBinding now = active.binding;
                if (now != null && now.policyUri().equals(quarantined.policyUri())) {
                    bind(null, "the policy is in quarantine: " + quarantined.reason());
                }
            }
            case BlockEvent.PolicyProposed _,
                    BlockEvent.PolicyRefused _,
                    BlockEvent.PolicyShadowed _,
                    BlockEvent.ShadowEnded _ -> {}
        }
    }

    /** True: {@link #route} may wait for a policy, so it may not be called on an event loop. */
    boolean asksPolicy() {
        return !active.lanes.isEmpty();
    }

    /** The place of a task that no policy is asked for, with a word if one is being loaded. */
    Place<Target> withoutPolicy(Place<Target> place) {
        return loading ? notCalled(place, LOADING.fallback()) : place;
    }

    /**
     * Where a task goes. May wait for the policy.
     *
     * @param place that it has
     * @param avoid instances that failed it already
     * @return its place from now on
     */
    Place<Target> route(Router router, Place<Target> place, Packet packet, Set<String> avoid) {
        List<BalancerLane> now = active.lanes;
        if (now.isEmpty()) {
            return withoutPolicy(place);
        }
        BalancerLane lane = now.get(Math.floorMod(packet.sessionId().hashCode(), now.size()));
        Candidates seen = router.candidates(place);
        if (seen.ids().isEmpty()) {
            return place;
        }
        BalancerLane.Asked asked =
                lane.ask(shared.nowMs(), new PacketView(packet.parsed()), seen.ids());
        Recorder recorder = new Recorder(lane.name(), asked.policyUri(), seen);
        return switch (asked.routed()) {
            case Routed.Chosen chosen ->
                    switch (router.move(place, chosen.instanceId(), avoid)) {
                        case Move.Moved(Place<Target> moved) ->
                                recorder.of(moved, chosen.call(), null);
                        case Move.Stayed(String reason) ->
                                recorder.of(place, chosen.call(), chosen.overruled(reason));
                    };
            case Routed.NoChoice none -> recorder.of(place, none.call(), none.fallback());
            case Routed.NotCalled none -> notCalled(place, none.fallback());
        };
    }

    /** It stays where it is: the policy was asked for this task as often as it may be. */
    static Place<Target> askedEnough(Place<Target> place) {
        return notCalled(
                place,
                "the policy was asked "
                        + TaskTrace.MAX_POLICY_CALLS
                        + " times for this task, and may not be again");
    }

    /** The task of this routing has no end in the log. */
    void unrecorded(Routing routing) {
        for (BalancerLane lane : active.lanes) {
            if (lane.name().equals(routing.lane())) {
                lane.unrecorded();
            }
        }
    }

    /**
     * A management call: each lane gets it, since each has a state of its own. After what is being
     * loaded, so that a policy that has just been bound gets it too.
     */
    void manage(ManagePolicy call, String commandId) {
        shared.later(() -> active.lanes.forEach(lane -> lane.manage(call, commandId)));
    }

    @Override
    public void close() {
        active.lanes.forEach(BalancerLane::close);
        active = new Active(null, List.of());
    }

    /** The place stays the built-in balancer's, and so does the record. */
    private static Place<Target> notCalled(Place<Target> place, String fallback) {
        Routing builtIn = place.routing();
        return place.routed(
                new Routing(
                        builtIn.policy(),
                        builtIn.incarnation(),
                        builtIn.sequence(),
                        builtIn.instanceSetVersion(),
                        builtIn.candidates(),
                        builtIn.choice(),
                        null,
                        null,
                        null,
                        null,
                        fallback));
    }

    /** Makes the routing records of calls of a lane. */
    private record Recorder(String lane, String policyUri, Candidates seen) {

        Place<Target> of(Place<Target> place, Routed.Call call, @Nullable String fallback) {
            return place.routed(
                    new Routing(
                            policyUri,
                            call.incarnation(),
                            call.sequence(),
                            seen.version(),
                            seen.loads(),
                            place.instanceId(),
                            lane,
                            call.logicalTimeMs(),
                            call.packet(),
                            call.effects().isEmpty() ? null : call.effects(),
                            fallback));
        }
    }

    private void bind(@Nullable PolicyBinding binding, String why) {
        boolean python = binding != null && !binding.policyUri().startsWith(NativeBalancers.PREFIX);
        if (!python && active.lanes.isEmpty()) {
            active = new Active(binding, List.of());
            return;
        }
        loading = python;
        // In the order of the block's events, and not on their tail: an engine takes its time.
        shared.later(() -> load(python ? binding : null, why));
    }

    /** On the loader. */
    private void load(@Nullable PolicyBinding binding, String why) {
        BlockSpec block = spec;
        if (binding == null || block == null) {
            lanes.forEach(lane -> lane.assign(null, why));
            active = new Active(null, why.isEmpty() ? List.of() : active.lanes);
            return;
        }
        switch (shared.find(binding.policyUri())) {
            case PolicyCatalogue.Found.Missing(String reason) -> {
                LOG.atError()
                        .addKeyValue("blockId", blockId)
                        .addKeyValue("policyUri", binding.policyUri())
                        .addKeyValue("reason", reason)
                        .log("balancer policy can't be loaded");
                lane(0).assign(null, reason);
                active = new Active(binding, List.of(lane(0)));
            }
            case PolicyCatalogue.Found.Version version -> assign(block, binding, version);
        }
    }

    private void assign(
            BlockSpec block, PolicyBinding binding, PolicyCatalogue.Found.Version version) {
        Json settings = PolicyAssignment.merge(version.registered().settings(), binding.settings());
        JsonNode values = settings.node();
        int count = Math.clamp(values.path(LANES).asInt(DEFAULT_LANES), 1, MAX_LANES);
        RoutingLimits limits = RoutingLimits.DEFAULT;
        if (values.path(DEADLINE_MS).isNumber()) {
            int ms = Math.clamp(values.path(DEADLINE_MS).asInt(), 1, MAX_DEADLINE_MS);
            limits = limits.withRoute(Duration.ofMillis(ms));
        }
        PolicyEngine engine = shared.engine();
        Json surroundings =
                PolicyAssignment.surroundings(
                        Json.of(BlockDocument.of(block)), BlockDocument.LOCAL_CLUSTER);
        List<BalancerLane> used = new ArrayList<>();
        for (int i = 0; i < Math.max(count, lanes.size()); i++) {
            BalancerLane lane = lane(i);
            if (i >= count) {
                lane.assign(null, "the lane is not in use");
                continue;
            }
            PolicyAssignment assignment =
                    PolicyAssignment.of(
                            engine,
                            blockId,
                            Kind.ROUTE,
                            lane.name(),
                            version.registered(),
                            version.archive(),
                            binding.parameters(),
                            binding.settings(),
                            surroundings);
            lane.assign(new BalancerLane.Wanted(engine, assignment, limits), "");
            used.add(lane);
        }
        active = new Active(binding, List.copyOf(used));
    }

    private BalancerLane lane(int number) {
        while (lanes.size() <= number) {
            lanes.add(new BalancerLane(blockId, shared.laneName(lanes.size()), shared));
        }
        return lanes.get(number);
    }
}
