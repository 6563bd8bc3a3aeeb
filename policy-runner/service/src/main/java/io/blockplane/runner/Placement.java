package io.blockplane.runner;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.blockplane.events.BlockDocument;
import io.blockplane.events.BlockEvent.InstanceRequested;
import io.blockplane.events.BlockSpec.PolicyBinding;
import io.blockplane.events.Command.ManagePolicy;
import io.blockplane.events.Command.PolicyCall;
import io.blockplane.events.Envelope;
import io.blockplane.events.Event;
import io.blockplane.events.EventJson;
import io.blockplane.events.Json;
import io.blockplane.events.PolicyDecided;
import io.blockplane.events.ProbeRecorded;
import io.blockplane.events.WindowClosed;
import io.blockplane.log.LogRecord;
import io.blockplane.policy.PlacementContract;
import io.blockplane.policy.PlacementContract.Action;
import io.blockplane.policy.PolicyAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A block's resource allocator: asked for a node for each instance that the block is to have. What
 * it says is recorded; where there is one node only, the instance runs there whatever it says.
 */
final class Placement implements Decider {

    private final LineKey key;
    private final Shared shared;
    private final LivePolicy policy;
    private final Management management;
    private Now now = Now.BEFORE_ALL;

    Placement(LineKey key, Shared shared, DecisionHistory.OfLine recorded) {
        this.key = key;
        this.shared = shared;
        this.policy = new LivePolicy(key, shared, recorded);
        this.management = new Management(key, shared, policy);
    }

    @Override
    public List<Envelope<? extends Event>> onWindow(WindowClosed window) {
        now = Now.of(window);
        return List.of();
    }

    @Override
    public void onProbe(Envelope<ProbeRecorded> probe) {
        // An instance that went away is run again where it was.
    }

    @Override
    public List<Envelope<? extends Event>> onRequested(Envelope<InstanceRequested> requested) {
        Optional<BlockView.Block> block = shared.blocks().block(key.blockId());
        Optional<PolicyBinding> binding = block.flatMap(b -> b.binding(key));
        Optional<PolicyAssignment> assignment =
                binding.flatMap(b -> policy.assignment(block.orElseThrow(), b));
        if (assignment.isEmpty()) {
            return List.of();
        }
        Json input = input(block.orElseThrow(), requested.event());
        List<PolicyDecided> decisions =
                policy.eval(
                        assignment.get(),
                        Math.max(now.timeMs(requested.timeMs()), policy.lastMs()),
                        input,
                        now.metrics());
        List<Envelope<? extends Event>> events =
                new ArrayList<>(
                        Written.decisions(
                                shared.source(),
                                decisions,
                                requested.correlationId(),
                                requested.id()));
        events.addAll(management.afterwards(decisions));
        return events;
    }

    @Override
    public List<Envelope<? extends Event>> onCall(LogRecord<Event> record, PolicyCall call) {
        return call instanceof ManagePolicy manage
                ? management.call(record, manage, now)
                : List.of();
    }

    @Override
    public void close() {
        policy.close();
    }

    private Json input(BlockView.Block block, InstanceRequested requested) {
        JsonNode metrics = now.metrics().document().node();
        ObjectNode payload = EventJson.MAPPER.createObjectNode();
        payload.set("block", BlockDocument.of(block.spec()));
        payload.set("cluster", BlockDocument.LOCAL_CLUSTER.node());
        payload.set("cluster_metrics", metrics.path("cluster_metrics"));
        payload.putArray("healthy_nodes")
                .addObject()
                .put("id", BlockDocument.LOCAL_NODE)
                .put("nodeId", BlockDocument.LOCAL_NODE);
        boolean atFirst = requested.ordinal() <= block.spec().minInstances();
        if (!atFirst) {
            payload.set("block_metrics", metrics.path("block_metrics"));
        }
        return PlacementContract.input(
                atFirst ? Action.ALLOCATION : Action.SCALE, Json.of(payload));
    }
}
